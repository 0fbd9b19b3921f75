from tests.customers.imports.conftest import private_files

__all__ = ["private_files"]
