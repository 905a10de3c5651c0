"""The signature language: grammar, tree, checks, compilation to DuckDB SQL."""
