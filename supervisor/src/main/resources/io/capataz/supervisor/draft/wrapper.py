

# Made of the approved draft @ID@, @DIGEST@. What stands above is its function.py.
def _capataz_rows(value):
    """A list of rows or a dictionary of columns, as a list of rows."""
    if isinstance(value, dict) and all(isinstance(column, list) for column in value.values()):
        if len({len(column) for column in value.values()}) > 1:
            raise ValueError("The columns of input1 have different lengths.")
        return [dict(zip(value, row)) for row in zip(*value.values())]
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return value
    raise ValueError("input1 must be a list of rows, or a dictionary of columns.")


def _capataz_table(value, pandas):
    rows = _capataz_rows(value)
    if not pandas:
        return rows
    from pandas import DataFrame

    return DataFrame(rows)


def _capataz_run(kind, given, value, pandas):
    if kind == "input":
        return main_function(**given)
    if kind == "map":
        return [main_function(input1=row, **given) for row in _capataz_rows(value)]
    if kind == "filter":
        return [row for row in _capataz_rows(value) if main_function(input1=row, **given)]
    return main_function(input1=_capataz_table(value, pandas), **given)


if __name__ == "__main__":
    from datetime import date as _capataz_date

    from capataz import task as _capataz_task
    from capataz.worker import main as _capataz_main

    @_capataz_task(name="@NAME@")
    def _capataz_call(@PARAMETERS@):
        return _capataz_run("@TYPE@", {@GIVEN@}, @DATA@, @PANDAS@)

    _capataz_main(_capataz_call)
