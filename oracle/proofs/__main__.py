"""`python -m oracle.proofs`: writes claims.txt, the list of all boxed equations of the pages, anew."""

from oracle.proofs.claims import LIST, line_of
from oracle.proofs.page_check import all_pages, check_pages

if __name__ == "__main__":
    paths = all_pages()
    reports = check_pages(paths)
    boxes = [(path.stem, box) for path, report in zip(paths, reports, strict=True) for _, box in report.boxes]
    LIST.write_text("\n".join(line_of(page, box) for page, box in boxes) + "\n", encoding="utf-8")
    print(f"{LIST}: {len(boxes)} boxed equations")
