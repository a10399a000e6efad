"""What a reader may ask of the rollups: the same parameters for page, CSV, XLSX, API
and the lists of records."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, QueryDict

from federation.models import Branch, Programme
from federation.models.branches import Level
from federation.months import Month
from federation.scope import granted_paths
from rollups import registry
from rollups.tables import CHILDREN, REST, WHOLE, Question
from rollups.tables.figures import Key
from rollups.tables.tree import read_spans

VIEW = "rollups.view_rollup"
EXPORT = "rollups.export_rollup"

EARLIEST, LATEST = Month(2000, 1), Month(2099, 12)
MOST_MONTHS = 240

WIDE, LONG = "wide", "long"
THEN, NOW = "then", "now"  # 当时口径, 现口径


class MonthField(forms.CharField):
    """A month, typed or picked: 2026-03."""

    widget = forms.TextInput(
        attrs={"type": "month", "placeholder": "2026-03", "autocomplete": "off"}
    )

    def to_python(self, value):
        text = super().to_python(value)
        if not text:
            return None
        try:
            month = Month.parse(text)
        except ValueError as error:
            raise ValidationError("月份请写成 2026-03 的样子。") from error
        if not EARLIEST <= month <= LATEST:
            raise ValidationError(f"月份请在 {EARLIEST} 和 {LATEST} 之间选择。")
        return month


class FlagInput(forms.CheckboxInput):
    """A box to tick, and in an address ``compare=1`` or ``compare=0``."""

    def value_from_datadict(self, data, files, name):
        return data.get(name, "").lower() not in ("", "0", "false", "no")


class BasisField(MonthField):
    """By which tree months are read: ``then``, ``now``, or the month of the tree."""

    widget = forms.HiddenInput

    def to_python(self, value):
        if value in ("", None, THEN, NOW):
            return value or THEN
        try:
            return super().to_python(value)
        except ValidationError as error:
            raise ValidationError(
                "口径只有 then（当时口径）、now（现口径），或一个月份。"
            ) from error


class IndicatorsField(forms.MultipleChoiceField):
    """Indicators by code, repeated or joined by commas."""

    def to_python(self, value):
        return [code for text in super().to_python(value) for code in text.split(",")]

    def clean(self, value):
        codes = super().clean(value)
        return [registry.indicator(code) for code in sorted(set(codes))]


class TableForm(forms.Form):
    """The parameters of a table. Valid without any: the month of today, what is
    directly below the reader's own branch, and every indicator or the usual ones."""

    # For whoever names none: a script gets every figure, a person those she can read.
    default_layout = LONG

    # Python keeps "from" for itself.
    NAMES = {"first": "from", "last": "to"}

    first = MonthField(label="从", required=False)
    last = MonthField(label="到", required=False)
    level = forms.ChoiceField(
        label="列出",
        required=False,
        choices=[(CHILDREN, "直接下级"), *Level.choices],
        error_messages={"invalid_choice": "没有这个层级，请从列表中选择。"},
    )
    programme = forms.ChoiceField(
        label="项目",
        required=False,
        error_messages={"invalid_choice": "没有这个项目，请从列表中选择。"},
    )
    indicator = IndicatorsField(
        label="指标",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有“%(value)s”这个指标，请从列表中选择。"},
    )
    compare = forms.BooleanField(
        label="对比上月、去年和累计", required=False, widget=FlagInput
    )
    target = forms.BooleanField(
        label="年度目标和完成率", required=False, widget=FlagInput
    )
    basis = BasisField(label="口径", required=False)
    layout = forms.ChoiceField(
        required=False,
        choices=[(WIDE, "汇总表"), (LONG, "明细")],
        error_messages={"invalid_choice": "版式只有 wide（汇总表）和 long（明细）。"},
    )
    header = forms.ChoiceField(
        required=False,
        choices=[("", "代码"), ("zh", "中文")],
        error_messages={"invalid_choice": "表头只有 zh（中文）一种可选。"},
    )

    def __init__(self, asked: QueryDict):
        super().__init__(with_defaults(asked), label_suffix="")
        self.programmes = {
            programme.slug: programme
            for programme in Programme.objects.exclude(slug=Programme.NONE)
        }
        self.fields["programme"].choices = self._programme_choices()
        self.fields["indicator"].choices = [
            (one.code, one.label) for one in registry.all_indicators()
        ]

    def add_prefix(self, field_name):
        return self.NAMES.get(field_name, field_name)

    def clean_programme(self) -> Programme | None:
        return self.programmes.get(self.cleaned_data["programme"])

    def clean(self):
        first, last = (self.cleaned_data.get(name) for name in ("first", "last"))
        if not (first and last):
            return
        if last < first:
            self.add_error("last", "截止月份不能早于起始月份。")
        elif last.ordinal - first.ordinal >= MOST_MONTHS:
            self.add_error("last", f"一次最多查看 {MOST_MONTHS} 个月，请缩短起止月份。")
        basis = self.cleaned_data.get("basis")
        if isinstance(basis, Month) and basis < last:
            self.add_error("basis", "口径的月份不能早于截止月份。")

    def question(self, branch: Branch, paths: list[str]) -> Question:
        """Return what a valid form asks about *branch*."""
        asked = self.cleaned_data
        programme = asked["programme"]
        below = Programme.objects.with_children(programme.slug) if programme else []
        return Question(
            branch=branch,
            first=asked["first"],
            last=asked["last"],
            level=asked["level"],
            indicators=tuple(asked["indicator"] or self._default_indicators()),
            programme=programme,
            programme_ids=tuple(one.pk for one in below),
            paths=tuple(paths),
            basis=self._basis(),
        )

    def _basis(self) -> Month | None:
        asked = self.cleaned_data
        tree = {THEN: None, NOW: asked["last"]}
        return tree.get(asked["basis"], asked["basis"])

    @property
    def columns(self) -> dict[str, bool]:
        """Which columns the wide table has beside the figures."""
        return {name: self.cleaned_data[name] for name in ("compare", "target")}

    @property
    def open_fields(self) -> list:
        """The fields that stand open on the page."""
        return [self[name] for name in ("first", "last", "level", "programme")]

    def _default_indicators(self) -> list[registry.Indicator]:
        """Return the indicators of whoever chooses none."""
        if (self.cleaned_data["layout"] or self.default_layout) == WIDE:
            return registry.usual_indicators()
        return registry.all_indicators()

    @property
    def indicator_groups(self) -> list[list]:
        """The boxes to tick, app by app."""
        boxes = groupby(
            self["indicator"], key=lambda box: box.data["value"].split(".")[0]
        )
        return [list(some) for _, some in boxes]

    @property
    def chosen(self) -> dict:
        """The parameters that are not the question's, for addresses that keep them."""
        asked = self.cleaned_data
        is_default = asked["indicator"] == self._default_indicators()
        codes = [] if is_default else [one.code for one in asked["indicator"]]
        return {
            "indicator": codes,
            "compare": int(asked["compare"]) or "",
            "target": int(asked["target"]) or "",
            "layout": asked["layout"],
            "header": asked["header"],
        }

    @property
    def sentences(self) -> list[str]:
        """The errors as sentences, each with the field as it stands on screen."""
        labels = {name: field.label for name, field in self.fields.items()}
        return [
            f"{labels[name]}：{message}" if labels.get(name) else message
            for name, messages in self.errors.items()
            for message in messages
        ]

    @property
    def errors_by_parameter(self) -> dict[str, list[str]]:
        return {
            self.add_prefix(name): list(found) for name, found in self.errors.items()
        }

    def _programme_choices(self) -> list[tuple[str, str]]:
        depths: dict[int | None, int] = {None: -1}
        parents = {one.pk: one.parent_id for one in self.programmes.values()}

        def depth(pk):
            if pk not in depths:
                depths[pk] = depth(parents.get(pk)) + 1
            return depths[pk]

        return [
            ("", "全部项目"),
            *((p.slug, "　" * depth(p.pk) + p.name) for p in self.programmes.values()),
        ]


class PageForm(TableForm):
    """The same for somebody who looks at a page."""

    default_layout = WIDE


class RecordsForm(TableForm):
    """One figure of a table: the table's parameters, and which number it is."""

    row = forms.CharField(required=False, max_length=32)
    own = forms.BooleanField(required=False, widget=FlagInput)
    exact = forms.BooleanField(required=False, widget=FlagInput)

    def clean_indicator(self):
        if len(self.cleaned_data["indicator"]) != 1:
            raise ValidationError("请从汇总表上点一个数字进来。")
        return self.cleaned_data["indicator"]

    def question(self, branch: Branch, paths: list[str]) -> Question:
        question = super().question(branch, paths)
        if self.cleaned_data["exact"] and question.programme:
            return question.of_programme_alone()
        return question

    def key(self, question: Question) -> Key:
        """Return the row of the number. Raises Http404 if it is not in the listing."""
        row = self.cleaned_data["row"]
        if row in ("", REST):
            return row or WHOLE
        listed = {span.listed_id for span in read_spans(question)} - {None}
        branch = Branch.objects.filter(code=row, pk__in=listed).first()
        if branch is None:
            raise Http404
        return branch.pk


def with_defaults(asked: QueryDict) -> QueryDict:
    """Return *asked* with the month of today where no month is given; one month given
    alone stands for both."""
    asked = asked.copy()
    given = asked.get("from") or asked.get("to") or str(Month.current())
    # What is no month is refused once, where it was typed.
    missing = [name for name in ("from", "to") if not asked.get(name)]
    if len(missing) == 2 or _is_month(given):
        asked.update(dict.fromkeys(missing, given))
    return asked


def _is_month(text: str) -> bool:
    try:
        Month.parse(text)
    except ValueError:
        return False
    return True


def branch_asked_for(
    user, permission: str, code: str | None
) -> tuple[Branch, list[str]]:
    """
    Return the branch *code*, or the top one *user* may see, and her granted paths.

    Raises Http404 for a branch out of her sight, as for one that does not exist, and
    PermissionDenied if she may see none.
    """
    branches = Branch.objects.visible_to(user, permission)
    if code:
        # PostgreSQL refuses the character NUL, which no code has.
        branch = branches.filter(code=code.replace("\x00", "")).first()
        if branch is None:
            raise Http404
    else:
        branch = branches.order_by("depth", "path").first()
        if branch is None:
            raise PermissionDenied(
                "您的账号没有查看汇总的授权，请联系上级妇联的管理员开通后再打开。"
            )
    return branch, granted_paths(user, permission)
