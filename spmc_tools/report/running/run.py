"""A run: a notebook executed on a case with checked parameters, and the folder that is kept of it.

The folder is built beside the others and gets its name at the end, so there is never half a run that looks whole. A
run that fails keeps what it computed, under a red banner.
"""

from __future__ import annotations

import copy
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spmc_tools.case.files.durable import os_errors, write_file
from spmc_tools.case.files.scratch import scratch_in
from spmc_tools.errors import ParameterError, quote
from spmc_tools.operating_system import remove_tree
from spmc_tools.progress import unheard
from spmc_tools.report.redaction.leak_check import LeakError
from spmc_tools.report.running.run_folder import building
from spmc_tools.report.words import notebook_file
from spmc_tools.report.words.parameters import check, declared
from spmc_tools.report.words.wording import LANGUAGES
from spmc_tools.resources import resource
from spmc_tools.signing.enrolment import enrol
from spmc_tools.signing.officer_keys import ready_signer
from spmc_tools.signing.twin_reports import BOTH, Twin, asked_for, bound, file_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbformat import NotebookNode

    from spmc_tools.case.store.case import Case
    from spmc_tools.report.redaction.run_check import RunCheck
    from spmc_tools.report.words.parameters import Parameter
    from spmc_tools.signing.officer_keys import Signer

    Progress = Callable[[str, int, int], None]

__all__ = ["RunResult", "known_notebooks", "run_notebook"]

EDITIONS = ("full", "redacted")
START_S = 120
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run gave: its id, its status (complete, partial or failed), and its HTML files.

    ``report`` is the one of the first language, ``reports`` language -> file of each.
    """

    run_id: str
    status: str
    report: Path
    reports: dict[str, Path]


def known_notebooks() -> list[str]:
    """Return the names of the notebooks that come with the package."""
    return sorted(path.stem for path in resource("notebooks").glob("*.ipynb"))


def run_notebook(  # noqa: PLR0913 -- every choice is asked for by its name
    case: Case,
    notebook: str,
    parameters: Mapping[str, str],
    *,
    language: str = "en",
    edition: str = "full",
    pdf: bool = False,
    signer: Signer | None = None,
    progress: Progress = unheard,
) -> RunResult:
    """Return a finished run: ``reports/<run_id>/`` with report.html, notebook.ipynb, exports/ and its manifest.

    Parameters
    ----------
    case : Case
        The case that the notebook looks at; its parameter ``case`` is set from it.
    notebook : str
        A name of :func:`known_notebooks`, or a path to an .ipynb.
    parameters : mapping of str to str
        As typed; checked against what the notebook declares before anything runs.
    language : {"en", "hi", "both"}
        Of the page; a parameter ``language`` overrides it. ``both``: two pages of the one run, each in one language,
        the language of the case first; each names the other (:mod:`spmc_tools.signing.twin_reports`). Its cells are
        run in the first.
    edition : {"full", "redacted"}
        For the case file, or for wider circulation: pseudonyms, masked texts, checked for raw names.
    pdf : bool
        Print report.pdf, too, with the system's Chromium.
    signer : Signer, optional
        The preparer's key; else the one that ``SPMC_KEY_PASSPHRASE`` opens, where there is one.
    progress : callable
        Called with stage, done and total.

    Returns
    -------
    RunResult
        ``failed`` where a cell raised or the kernel died: the report then holds what was computed before. Also where
        the redacted edition would hold a raw name: of it nothing is kept then.

    Raises
    ------
    ParameterError
        Where the notebook, a parameter, the language or the edition is not known or does not fit; nothing is written.
    RunError
        Where the PDF was asked for and could not be printed; no run is kept.
    SpmcError
        Where the disk is full or does not let the run be written; no run is kept.
    """
    path = _find(notebook)
    node = notebook_file.read(path)
    known = declared(path)
    values = _values(case, known, parameters, path.stem)
    spoken = str(values.get("language") or language)
    languages = asked_for(spoken, LANGUAGES, case.settings.language)
    _check_edition(edition)
    if "language" in known:
        values["language"] = spoken
    signer = signer or ready_signer(case.officer)
    if signer is not None:
        enrol(case, signer)  # so that a key that cannot sign here stops the run now, not at its end
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{_plain_name(path.stem)}-{secrets.token_hex(2)}"
    with os_errors(f"The report of case {case.id} cannot be written"), building(case, run_id) as folder:
        progress("notebook", 0, 3)
        in_cells = values | ({"language": languages[0]} if "language" in known else {})
        raised = _execute(case, node, in_cells, folder, edition)
        progress("page", 1, 3)
        made = _Page(case, path, languages, edition, signer)
        seed = values.get("seed", known["seed"].default if "seed" in known else None)
        try:
            status, facts = made.write(folder, raised, pdf, values)
            progress("manifest", 2, 3)
            made.seal(folder, status, seed=seed, **facts)
        except LeakError as error:
            status = made.withhold(folder, error)
            made.seal(folder, status, seed=seed, parameters={}, outcome={})
        from spmc_tools.report.page.index import write_index
        from spmc_tools.signing.automatic_stamps import stamp_report

    stamp_report(case, run_id)
    write_index(case)
    progress("done", 3, 3)
    reports = {code: case.path / "reports" / run_id / name for code, name in file_names(languages).items()}
    return RunResult(run_id, status, reports[languages[0]], reports)


def _find(notebook: str) -> Path:
    if _NAME.fullmatch(notebook) and notebook in known_notebooks():
        return resource("notebooks", f"{notebook}.ipynb")
    path = Path(notebook)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    known = ", ".join(known_notebooks())
    raise ParameterError(
        f"There is no notebook {quote(notebook)}; wanted a path to an .ipynb, or one of {known or 'none'}."
    )


def _values(case: Case, known: Mapping[str, Parameter], typed: Mapping[str, str], where: str) -> dict[str, Any]:
    if typed.get("case", case.id) != case.id:
        raise ParameterError(f"case is {quote(typed['case'])}, but the run is on {case.id}; leave -p case out.")
    values = check(known, typed, where)
    if "case" in known:
        values["case"] = case.id
    return values


def _check_edition(edition: str) -> None:
    if edition not in EDITIONS:
        raise ParameterError(f"The edition {quote(edition)} is not known; known editions: {', '.join(EDITIONS)}.")


def _plain_name(stem: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", stem.lower())[:40].strip("_") or "notebook"


def _execute(
    case: Case, node: NotebookNode, values: dict[str, Any], folder: Path, edition: str
) -> BaseException | None:
    """Run the notebook into ``notebook.ipynb``; return what it raised, None where it ran to its end."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from papermill import execute_notebook
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException
    from traitlets.config import Config

    from spmc_tools.report.running.kernel import ENGINE, OwnKernel, RunEngine

    papermill_engines.register(ENGINE, RunEngine)
    output = folder / "notebook.ipynb"
    notebook_file.write(node, output)
    exports = folder / "exports"
    exports.mkdir(mode=0o700)
    environment = {
        "SPMC_RUN": folder.name,
        "SPMC_CASES": str(case.path.parent.resolve()),
        "SPMC_EXPORTS": str(exports.resolve()),
        "SPMC_EDITION": edition,
        "PYTHONHASHSEED": "0",
    }
    try:
        with scratch_in(case.path) as scratch:
            environment |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch.resolve()))
            execute_notebook(
                _literal(output),
                _literal(output),
                parameters=values,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                engine_name=ENGINE,
                start_timeout=START_S,
                cwd=str(folder),
                kernel_manager_class=OwnKernel,
                config=Config({"OwnKernel": {"environment": environment}}),
            )
    except (PapermillException, CellExecutionError, DeadKernelError, RuntimeError, TimeoutError) as error:
        return error
    finally:
        if not any(exports.iterdir()):
            exports.rmdir()
    return None


def _literal(path: Path) -> str:
    """Return a path as papermill takes it: braces would be filled in."""
    return str(path.resolve()).replace("{", "{{").replace("}", "}}")


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of the pages before the notebook has run; ``languages``: one page for each."""

    case: Case
    notebook: Path
    languages: tuple[str, ...]
    edition: str
    signer: Signer | None
    checks: dict[Path, RunCheck] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether the notebook comes with the package."""
        return self.notebook.parent == resource("notebooks")

    def write(
        self, folder: Path, raised: BaseException | None, pdf: bool, parameters: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Write the pages from what the notebook left behind; return the status of the run and what is told of it.

        That is what it found, what it cites, and its parameters as they may stand in its edition.

        Raises
        ------
        LeakError
            Where the redacted edition would hold a raw name.
        """
        from spmc_tools.report.page.index import compared_with, outcome_of, rates_cited
        from spmc_tools.report.page.render import status_of
        from spmc_tools.signing.cited_reports import cited_in

        node = notebook_file.read(folder / "notebook.ipynb")
        if raised is not None:
            notebook_file.add_error(node, type(raised).__name__, str(raised)[-2000:])
        reviews = self._reviews(folder)
        told = dict.fromkeys(self.languages, (node, reviews))
        if self.edition == "redacted":
            told, parameters = self._redacted(folder, node, reviews, parameters)
            node, reviews = told[self.languages[0]]
        status, missing = status_of(node, raised is not None)
        try:
            texts = {code: self._drawn(*told[code], code, folder.name, status, missing) for code in told}
        except Exception as error:
            status = "failed"
            texts = {code: self._drawn_in_part(*told[code], code, folder.name, error) for code in told}
        self._write(folder, texts)
        if pdf:
            from spmc_tools.report.page.browser import print_pdf

            printed = file_names(self.languages, "pdf")
            with scratch_in(self.case.path) as scratch:
                for code, name in file_names(self.languages).items():
                    print_pdf(folder / name, folder / printed[code], scratch)
        cites = cited_in(reviews, compared_with(node))
        facts = {"outcome": outcome_of(node), "rates": rates_cited(node)}
        return status, facts | {"cites": cites, "parameters": parameters}

    def _write(self, folder: Path, texts: Mapping[str, str]) -> None:
        """Write the page of each language, each with the hash of the other."""
        names = file_names(self.languages)
        pages = {names[code]: text.encode("utf-8", "backslashreplace") for code, text in texts.items()}
        for name, content in bound(pages).items():
            write_file(folder / name, content)

    def seal(self, folder: Path, status: str, *, outcome: dict[str, Any], **facts: Any) -> None:
        """Write the manifest; of the redacted edition only after nothing was found in all that leaves."""
        from spmc_tools.signing.manifest import write_manifest

        inspect = None
        if self.edition == "redacted":
            checked = self._checker(folder)
            check_facts = {**checked.told, "run_id": folder.name}
            inspect = checked.manifest
            facts["leak_check"] = {key: check_facts[key] for key in ("looked_for", "not_looked_for", "files")}
        write_manifest(
            self.case,
            folder,
            notebook=self.notebook,
            status=status,
            signer=self.signer,
            inspect=inspect,
            language=self.languages[0] if len(self.languages) == 1 else BOTH,
            reports=file_names(self.languages),
            edition=self.edition,
            outcome=outcome,
            **facts,
        )
        if self.edition == "redacted":
            self.case.log("leak_check", {**check_facts, "ok": True})

    def withhold(self, folder: Path, error: LeakError) -> str:
        """Take everything out of a redacted run that would hold a raw name; log what was found, and return "failed"."""
        found = [{"place": leak.place, "kind": leak.kind, "raw": leak.raw} for leak in error.leaks[:1000]]
        self.case.log("leak_check", {"run_id": folder.name, "ok": False, "n": len(error.leaks), "found": found})
        for path in folder.iterdir():
            if path.is_dir():
                remove_tree(path)
            else:
                path.unlink()
        bare = notebook_file.bare()
        notebook_file.add_cell_with_error(bare, "LeakError", f"{len(error.leaks)}")
        notebook_file.write(notebook_file.bare(), folder / "notebook.ipynb")
        self._write(folder, {code: self._drawn(bare, [], code, folder.name, "failed", 0) for code in self.languages})
        return "failed"

    def _checker(self, folder: Path) -> RunCheck:
        from spmc_tools.report.redaction.run_check import RunCheck

        if folder not in self.checks:
            self.checks[folder] = RunCheck(self.case, folder, self.notebook if self.known else None, *self.languages)
        return self.checks[folder]

    def _reviews(self, folder: Path) -> list[dict[str, Any]]:
        from spmc_tools.signing.citations import citations

        return citations(self.case, folder.name)

    def _redacted(
        self, folder: Path, node: NotebookNode, reviews: list[dict[str, Any]], parameters: dict[str, Any]
    ) -> tuple[dict[str, tuple[NotebookNode, list[dict[str, Any]]]], dict[str, Any]]:
        """Return notebook and reviews as they may leave, in the words of each language, and the parameters.

        The notebook of the run is written anew, in the first language.
        """
        import nbformat

        told: dict[str, tuple[NotebookNode, list[dict[str, Any]]]] = {}
        typed = parameters
        for code in self.languages:
            redaction = self._checker(folder).redaction(code)
            own = copy.deepcopy(node)
            redaction.notebook(own)
            masked = [{**original, "counter_case": redaction.text(original["counter_case"])} for original in reviews]
            for review in masked:
                review["withdrawn"] = [
                    {**gone, "reason": redaction.text(gone["reason"])} for gone in review["withdrawn"]
                ]
            if not told:
                typed = redaction.parameters(own, parameters)
                nbformat.write(own, folder / "notebook.ipynb")  # type: ignore[no-untyped-call]
            told[code] = (own, masked)
        return told, typed

    def _drawn_in_part(
        self, node: NotebookNode, reviews: list[dict[str, Any]], language: str, run_id: str, error: Exception
    ) -> str:
        """Return the page of a run some of whose values no template can draw: the other sections, and why."""
        from spmc_tools.report.page.render import without_undrawable

        why = "" if self.edition == "redacted" else str(error)[-2000:]
        rest, lost = without_undrawable(node, language)
        if lost:
            notebook_file.add_cell_with_error(rest, type(error).__name__, why)
            try:
                return self._drawn(rest, reviews, language, run_id, "failed", lost)
            except Exception as other:
                error = other
        bare = notebook_file.bare()
        notebook_file.add_cell_with_error(bare, type(error).__name__, why)
        return self._drawn(bare, [], language, run_id, "failed", 0)

    def _drawn(  # noqa: PLR0913, PLR0917 -- what a page is made of
        self, node: NotebookNode, reviews: list[dict[str, Any]], language: str, run_id: str, status: str, missing: int
    ) -> str:
        from spmc_tools.case.log.anchors import first_and_last
        from spmc_tools.report.page.render import Run, made_now, page

        key = None if self.signer is None else self.signer.key.told()
        name = self.notebook.stem
        others = [Twin(code, file) for code, file in file_names(self.languages).items() if code != language]
        run = Run(
            run_id, self.case.id, name, made_now(), status, self.edition, missing, self.known, tuple(reviews), key,
            twin=others[0] if others else None, log=first_and_last(self.case.ledger),
        )  # fmt: skip
        return page(node, run, language)
