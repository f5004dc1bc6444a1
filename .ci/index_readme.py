"""Hatch runs this when it builds: the README as a package index shows it, where a link into the repository would lead nowhere.

Such a link becomes absolute where pyproject.toml gives this hook a `source`; elsewhere only its words are left, and the path in the
source distribution.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

INTO_THE_REPOSITORY = re.compile(r"\[([^\]]+)\]\((?!https?://|#)([^)\s]+)\)")


def for_the_index(text: str, source: str | None) -> str:
    if source:
        return INTO_THE_REPOSITORY.sub(rf"[\1]({source.rstrip('/')}/blob/main/\2)", text)
    return INTO_THE_REPOSITORY.sub(lambda link: link[1] if link[2] in link[1] else f"{link[1]} (`{link[2]}`)", text)


class IndexReadme(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        source = self.config.get("source")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_the_index(text, source)}
