"""Which juridical forms make an enterprise a local authority: data, read from `target_groups.yaml`."""

from pathlib import Path

import yaml

from accessmgr.core.model import TargetGroup


def read(path: Path) -> frozenset[str]:
    """The codes of the juridical forms of local authorities.

    :raise ValueError: the file is not one list of codes under `LB`
    """
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    forms = found.get(TargetGroup.LB.value) if isinstance(found, dict) and len(found) == 1 else None
    if not isinstance(forms, list) or not all(isinstance(form, str) for form in forms):
        raise ValueError(f"`{path.name}` is not one list of quoted codes under `LB`")
    return frozenset(forms)
