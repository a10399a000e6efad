"""The way of an import: read, previewed, confirmed, written as a whole, undone as a
whole.

    run = start(register, branch, user, filename, content, options)
    correct_columns(run, user, {"户主名字": "contact_name"})
    answer(run, user, {"官庄村": "370114001007"})
    confirm(run, user)          # a worker writes it: see ``carry_out``
    undo(run, user)

Whoever may import into the register at the run's branch may do each of these; the plan
is made with her eyes. All raise ValidationError with the sentence for the reader.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from federation import doorbell
from federation import journal as journals
from federation.id_numbers import looks_like_id_number
from federation.imports import columns, progress
from federation.imports.layout import Table
from federation.imports.plans import Outcome, Plan, Question
from federation.imports.registers import Register, register_of
from federation.journal import UNDO_DAYS, Recorder
from federation.models import ImportRun, Journal
from federation.models.imports import packed, unpacked

KEEP_DAYS = 7  # what was read and never confirmed
DEAD_AFTER = timedelta(minutes=15)
USUAL_COLLECTIONS = gc.get_threshold()
TASK = "federation.tasks.carry_out_imports"
Status = ImportRun.Status


@contextmanager
def _few_collections():
    """Look for garbage rarely inside: rows by the ten thousand are none, and Python
    would go through all of them again and again, a sixth of the whole time."""
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*USUAL_COLLECTIONS)


@_few_collections()
def start(
    register: Register, branch, user, filename, content, options, form_key=None
) -> ImportRun:
    """Read the file whose bytes are *content* and preview it. The same *form_key* gives
    the run it gave before."""
    if form_key and (known := ImportRun.objects.filter(form_key=form_key).first()):
        return known
    if not user.has_perm(register.permission, branch):
        raise ValidationError(f"没有在{branch}导入{register.label}的权限。")
    titles = columns.titles_for(register, branch)
    tables = register.read(content, titles)
    run = ImportRun(
        register=register.code,
        branch=branch,
        filename=_shown(filename),
        options=options,
        columns=columns.meanings_in(tables, titles),
        made_by=user,
        content=packed([table.as_json() for table in tables]),
        **({"form_key": form_key} if form_key else {}),
    )
    _keep(run, _planned(run, tables, user))
    run.save()
    return run


def answer(run: ImportRun, user, answers: dict[str, str]) -> None:
    """Plan again with what *user* said of the words that were not clear."""
    with transaction.atomic():
        run = _held(run, user)
        _refuse_unless(run, Status.PREVIEWED)
        run.answers = run.answers | answers
        run.message = ""
        _keep(run, _plan(run, user))
        run.save()


def correct_columns(run: ImportRun, user, meanings: dict[str, str]) -> None:
    """Plan again with what *user* said of titles, ``{title: column}``, and remember it
    for the branch."""
    with transaction.atomic():
        run = _held(run, user)
        _refuse_unless(run, Status.PREVIEWED)
        changed = {
            title: column
            for title, column in meanings.items()
            if run.columns.get(title, column) != column
        }
        columns.remember(register_of(run.register), run.branch, changed)
        run.columns = run.columns | changed
        run.message = ""
        _keep(run, _plan(run, user))
        run.save()


def confirm(run: ImportRun, user) -> None:
    """Hand *run* to a worker. A second confirmation is refused."""
    with transaction.atomic():
        run = _held(run, user)
        _refuse_unless(run, Status.PREVIEWED)
        if run.question_count:
            raise ValidationError("还有没说清的组织，请先选定再确认。")
        if not run.write_count:
            raise ValidationError("没有要写入的内容，不用确认。")
        run.status, run.message, run.taken_at = Status.CONFIRMED, "", None
        run.confirmed_by, run.confirmed_at = user, timezone.now()
        run.save()
        transaction.on_commit(lambda: doorbell.ring(TASK), robust=True)


def drop(run: ImportRun, user) -> None:
    """Give *run* up and forget what it held."""
    with transaction.atomic():
        run = _held(run, user)
        _refuse_unless(run, Status.PREVIEWED)
        run.status, run.content, run.preview = Status.DROPPED, None, None
        run.save()


def undo(run: ImportRun, user) -> None:
    """Take back everything *run* wrote, unless a record stands on it."""
    with transaction.atomic():
        run = _held(run, user)
        _refuse_unless(run, Status.DONE)
        if run.journal is None:
            raise ValidationError("这次导入没有改动记录，不能整批撤销。")
        journals.undo(run.journal, user)
        run.status = Status.UNDONE
        run.save()


@_few_collections()
def carry_out() -> int:
    """Write the runs that wait, one transaction each, and return how many were
    written. A run whose worker died waits for a second confirmation."""
    written = 0
    for pk in list(ImportRun.objects.waiting().values_list("pk", flat=True)):
        if _take(pk):
            try:
                written += _write(pk)
            except ValidationError as refusal:
                _give_back(pk, "".join(refusal.messages))
            except Exception:
                _give_back(
                    pk, "导入时出了错，什么都没有写入。请再试一次，或联系管理员。"
                )
                raise
            finally:
                progress.forget(pk)
    return written


def forget(now=None) -> int:
    """Delete what runs hold that are done with; return how many were."""
    now = now or timezone.now()
    kept = ImportRun.objects.exclude(content=None, preview=None)
    old = kept.filter(made_at__lt=now - timedelta(days=KEEP_DAYS))
    undoable = now - timedelta(days=UNDO_DAYS)
    over = old.exclude(status__in=(Status.CONFIRMED, Status.DONE, Status.PREVIEWED))
    over |= kept.filter(status=Status.DONE, confirmed_at__lt=undoable)
    count = over.update(content=None, preview=None)
    return count + old.filter(status=Status.PREVIEWED).update(
        status=Status.EXPIRED, content=None, preview=None
    )


def outcomes_of(run: ImportRun) -> tuple[list[Outcome], list[Question], list[str]]:
    """Return what stands in the preview of *run*; nothing once it is deleted."""
    if run.preview is None:
        return [], [], []
    stored = unpacked(run.preview)
    return (
        [Outcome(*fields) for fields in stored["outcomes"]],
        [Question(*fields) for fields in stored["questions"]],
        stored["notes"],
    )


def tables_of(run: ImportRun) -> list[Table]:
    """Return what was read, its columns as they are understood now."""
    titles = register_of(run.register).titles.learned(run.columns)
    tables = [Table.of_json(stored) for stored in unpacked(run.content)]
    for table in tables:
        table.settle(titles)
    return tables


def may_handle(run: ImportRun, user) -> bool:
    return user.has_perm(register_of(run.register).permission, run.branch)


def _take(pk: int) -> bool:
    """Be the one worker that writes the run; tell whether this is so."""
    with transaction.atomic():
        run = _locked(pk)
        if run is None or run.status != Status.CONFIRMED:
            return False
        now = timezone.now()
        if run.taken_at is None:
            ImportRun.objects.filter(pk=pk).update(taken_at=now)
            return True
        if run.taken_at < now - DEAD_AFTER:
            _reset(pk, "上次导入中断了，什么都没有写入。请再确认一次。")
        return False


def _write(pk: int) -> bool:
    with transaction.atomic():
        # It is ours; another worker may be looking at it this very moment.
        run = _locked(pk, waits=True)
        if run is None or run.status != Status.CONFIRMED:
            return False
        register, user = register_of(run.register), run.confirmed_by
        register.hold(run.branch)
        plan = _plan(run, user)
        if plan.counts() != _counts(run) or plan.questions:
            _keep(run, plan)
            run.status, run.taken_at = Status.PREVIEWED, None
            run.message = "预览以后，名册又有改动：下面是新的预览，请核对后再确认。"
            run.save()
            return False
        journal = Journal.objects.create(
            branch=run.branch,
            title=f"导入{register.label}：{run.filename}"[:100],
            made_by=user,
        )
        total = run.write_count
        register.write(
            plan, Recorder(journal), lambda done: progress.tell(pk, done, total)
        )
        _keep(run, plan)
        run.status, run.journal = Status.DONE, journal
        run.save()
    return True


def _give_back(pk: int, message: str) -> None:
    with transaction.atomic():
        run = _locked(pk, waits=True)
        if run is not None and run.status == Status.CONFIRMED:
            _reset(pk, message)


def _reset(pk: int, message: str) -> None:
    ImportRun.objects.filter(pk=pk).update(
        status=Status.PREVIEWED, taken_at=None, message=message[:300]
    )


def _locked(pk: int, *, waits: bool = False) -> ImportRun | None:
    """Return the run, locked. While somebody else holds it, as the worker that writes
    it does, return None, or wait."""
    runs = ImportRun.objects.select_for_update(skip_locked=not waits, of=("self",))
    return runs.select_related("branch", "confirmed_by").filter(pk=pk).first()


def _held(run: ImportRun, user) -> ImportRun:
    if not may_handle(run, user):
        raise ValidationError("没有办理这次导入的权限。")
    if (held := _locked(run.pk)) is None:
        raise ValidationError("正在导入，请稍后再看结果。")
    return held


def _refuse_unless(run: ImportRun, status) -> None:
    if run.status != status:
        raise ValidationError(
            f"这次导入现在是“{run.get_status_display()}”，不能这样办理。"
        )


def _plan(run: ImportRun, user) -> Plan:
    return _planned(run, tables_of(run), user)


def _planned(run: ImportRun, tables: list[Table], user) -> Plan:
    register = register_of(run.register)
    return columns.plan_without(register, tables) or register.plan(
        tables, run.branch, user, run.options, run.answers
    )


def _keep(run: ImportRun, plan: Plan) -> None:
    """Set what *plan* says of *run*."""
    run.preview = packed(
        {
            "outcomes": [
                (o.kind, o.sheet, o.row, o.place, o.what, o.detail)
                for o in plan.outcomes
            ],
            "questions": [(q.word, q.rows, q.choices) for q in plan.questions],
            "notes": plan.notes,
        }
    )
    for kind, count in plan.counts().items():
        setattr(run, f"{kind}_count", count)
    run.question_count = len(plan.questions)


def _counts(run: ImportRun) -> dict[str, int]:
    kinds = ("create", "change", "end", "unchanged", "refused")
    return {kind: getattr(run, f"{kind}_count") for kind in kinds}


def _shown(filename: str) -> str:
    """Return the name to remember the file by; an ID number in it is not kept."""
    name = filename.replace("\x00", "").strip()[-100:]
    return "（文件名已略去）" if looks_like_id_number(name) or not name else name
