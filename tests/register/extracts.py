"""Extracts of a register of two enterprises, right by default: what a test changes is what it is about."""

import zipfile
from pathlib import Path
from typing import Any

from accessmgr.register.reader import columns_of

DEMO = Path(__file__).parents[2] / "seeds" / "worlds" / "demo"

ROWS = {
    "code.csv": ['"Status","AC","NL","Actief"'],
    "enterprise.csv": [
        '"1999.000.150","AC","000","2","610",,15-03-2016',
        '"1999.000.249","AC","000","2","412",,03-09-2018',
    ],
    "establishment.csv": ['"8.999.000.103",01-04-2016,"1999.000.150"'],
    "denomination.csv": [
        '"1999.000.150","2","001","Netjes Thuis"',
        '"8.999.000.103","2","003","Netjes, het ""kantoor"""',
    ],
    "address.csv": [
        '"1999.000.150","REGO",,,"9999","Voorbeelddorp","Village-Exemple","Wasbordstraat","Wasbordstraat","12",,,'
    ],
    "function.csv": [
        '"1999.000.150","managing_director","72.03.14-000.46","Vermeulen","Hilde",,15-03-2016,',
        '"1999.000.150","director","68.09.23-999.93","De Smedt","Karel","1999.000.249",01-01-2020,31-12-2029',
        '"1999.000.249","director",,"Murphy","John",,08-11-2021,',
    ],
    "recognition.csv": [
        '"V99901","1999.000.150",01-01-2017,,,',
        '"V99902","1999.000.150",01-07-2021,,01-02-2026,31-03-2026',
    ],
}


def files(*, number: Any = 145, snapshot: Any = "27-02-2026", kind: Any = "full", **rows: Any) -> dict[str, bytes]:
    """The files of an extract. `rows` replace those of a file, by its name without `.csv`."""
    meta = [f'"SnapshotDate","{snapshot}"', f'"ExtractType","{kind}"', f'"ExtractNumber","{number}"']
    return _written({"meta": meta} | {name.removesuffix(".csv"): lines for name, lines in ROWS.items()} | rows)


def update_files(
    *, number: Any = 146, snapshot: Any = "27-03-2026", kind: Any = "update", **rows: Any
) -> dict[str, bytes]:
    """The files of an update in which nothing changes but what `rows` say, by file name without `.csv`."""
    meta = [f'"SnapshotDate","{snapshot}"', f'"ExtractType","{kind}"', f'"ExtractNumber","{number}"']
    changing = [name.removesuffix(".csv") for name in ROWS if name != "code.csv"]
    nothing: dict[str, list[str]] = {f"{name}_{what}": [] for name in changing for what in ("delete", "insert")}
    return _written({"meta": meta, "code": ROWS["code.csv"]} | nothing | rows)


def _written(content: dict[str, list[str]]) -> dict[str, bytes]:
    return {
        f"{name}.csv": "".join(f"{line}\n" for line in [heading(f"{name}.csv"), *lines]).encode()
        for name, lines in content.items()
    }


def heading(name: str) -> str:
    """The first line of a file."""
    return ",".join(f'"{column}"' for column in columns_of(name))


def folder(path: Path, content: dict[str, bytes]) -> Path:
    """A folder that holds the files and nothing else."""
    path.mkdir(parents=True, exist_ok=True)
    for old in path.iterdir():
        old.unlink()
    for name, data in content.items():
        (path / name).write_bytes(data)
    return path


def zipped(path: Path, content: dict[str, bytes], inside: str = "") -> Path:
    """A ZIP that holds the files, in a folder inside it if one is named."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(inside + name, data)
    return path
