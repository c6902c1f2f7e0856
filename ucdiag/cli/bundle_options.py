"""The options ``--bundle`` and ``--mask``."""

from dataclasses import replace
from typing import Any

import click

from ucdiag.cli.options import OUTPUT, bundle
from ucdiag.cli.output import need_unoccupied
from ucdiag.cli.plain_help import plain_option
from ucdiag.model.visible_text import quoted


def _set_bundle(values: dict[str, Any]) -> None:
    name, masked = values.pop("bundle"), values.pop("mask")
    if masked:
        values["view"] = replace(values["view"], mask=True)
    if name is None:
        return
    if name == "-":
        raise click.UsageError("--bundle '-': a bundle is a file: give a name such as case.zip")
    view = values["view"]
    if view.outputs:
        from ucdiag.cli.output_files import is_same_place

        if any(is_same_place(name, output) for output in view.outputs):
            raise click.UsageError(f"-o and --bundle would overwrite each other in {quoted(name)}: name two files")
    need_unoccupied([("--bundle", name)], force=view.force)
    values["view"] = replace(view, bundle=name)


#: To stand below ``view_options``, whose object it completes.
bundle_options = bundle(
    [
        plain_option(
            "--bundle",
            type=OUTPUT,
            help="Also write a ZIP file to forward: the report in every form, the phones' packets, versions, options.",
        ),
        plain_option(
            "--mask",
            is_flag=True,
            help="Mask MAC and IP addresses, serial numbers, names and users in all that is shown and written.",
        ),
    ],
    _set_bundle,
)
