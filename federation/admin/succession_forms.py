"""The paper forms of the acts that change the tree, one class each."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from unfold import widgets

from federation import successions
from federation.admin.autocomplete import ScopedSelect, ScopedSelectMultiple
from federation.id_numbers import refuse_id_number
from federation.models import Branch, Succession
from federation.months import Month, local_today
from federation.place_names import branch_name_of, short_name_of

PERMISSION = "federation.succeed_branch"
LEVELS = list(Branch.Level)


def text_field(label, **options):
    return forms.CharField(
        label=label,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        **options,
    )


def named(branch_kind: str, typed: str) -> dict[str, str]:
    """Return the names that follow from what was *typed*. A unit's name stays as it is
    (…妇委会); a region's ends in 妇联."""
    is_region = branch_kind == Branch.Kind.REGION
    name = branch_name_of(typed) if is_region else typed
    return {"name": name, "short_name": short_name_of(typed)}


class ActForm(forms.Form):
    """What every act needs: the day, the reason, the document number."""

    title = ""
    explanation = ""
    takes_effect_monthly = False
    act = ""  # of an act that may close the branch

    on = forms.DateField(
        label="生效日期",
        widget=forms.DateInput(
            {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)},
            format="%Y-%m-%d",
        ),
    )
    reason = text_field("原因", max_length=200)
    document_number = text_field("文号", max_length=100)

    def __init__(self, *args, branch: Branch, user, **kwargs):
        self.branch, self.user = branch, user
        super().__init__(*args, **kwargs)
        first_day = Month.current().first_day
        self.fields["on"].initial = (
            first_day if self.takes_effect_monthly else local_today()
        )
        if self.takes_effect_monthly:
            self.fields["on"].help_text = "只能是某月 1 日，从那个月起按新的隶属统计。"
        # The act's own questions first, the paper's foot last.
        foot = ("on", "reason", "document_number")
        own = [name for name in self.fields if name not in foot]
        self.order_fields([*own, *foot])

    def to_consider(self) -> list[str]:
        """What to read before it is done."""
        return successions.to_consider(self.branch, self.act) if self.act else []

    @property
    def reachable(self):
        """The branches this account may act on."""
        return Branch.objects.active().visible_to(self.user, PERMISSION)

    def choose_one(self, label, **options):
        field = Succession._meta.get_field("new_parent")
        widget = ScopedSelect(field, admin.site, "change")
        return forms.ModelChoiceField(
            self.reachable, label=label, widget=widget, **options
        )

    def choose_several(self, label, **options):
        field = Succession._meta.get_field("successors")
        widget = ScopedSelectMultiple(field, admin.site, "change")
        return forms.ModelMultipleChoiceField(
            self.reachable, label=label, widget=widget, **options
        )

    def refuse(self, error: ValidationError) -> None:
        """Show what the tree refused beside the question it concerns."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)

    def deed(self) -> successions.Deed:
        answers = self.cleaned_data
        return successions.Deed(
            answers["on"], answers["reason"], answers["document_number"], self.user
        )

    def perform(self) -> Branch:
        """Do the act and return the branch whose page comes next."""
        raise NotImplementedError


class FoundForm(ActForm):
    title = "成立下级组织"
    explanation = "在本组织下面新成立一个组织，从成立当月起列入报表。"

    name = text_field("新组织名称", max_length=100)
    level = forms.ChoiceField(label="层级", widget=widgets.UnfoldAdminSelectWidget())
    kind = forms.ChoiceField(
        label="类别", choices=Branch.Kind, widget=widgets.UnfoldAdminSelectWidget()
    )
    code = text_field(
        "编码",
        required=False,
        max_length=32,
        help_text="镇街、村社区填区划编码；单位妇联不用填，系统自动编号。",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        below = LEVELS[LEVELS.index(self.branch.level) + 1 :]
        self.fields["level"].choices = [(level.value, level.label) for level in below]
        if below == [Branch.Level.UNIT]:
            kinds = [kind for kind in Branch.Kind if kind != Branch.Kind.REGION]
            self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]

    def clean_code(self):
        code = self.cleaned_data["code"].strip()
        if taken := Branch.objects.filter(code=code).first():
            raise ValidationError(f"编码已由{taken}使用，撤销后也不再用，请核对。")
        return code

    def clean(self):
        answers = super().clean()
        level, kind = answers.get("level"), answers.get("kind")
        if level and kind:
            is_unit = level == Branch.Level.UNIT
            if is_unit == (kind == Branch.Kind.REGION):
                self.add_error(
                    "kind", "单位妇联请选单位的类别；镇街、村社区请选“区域”。"
                )
            elif not (is_unit or answers.get("code") or "code" in self.errors):
                self.add_error("code", "请填写区划编码；只有单位妇联自动编号。")
        self._refuse_a_twin(answers)
        return answers

    def _refuse_a_twin(self, answers):
        # Sent twice, this form must not found two.
        if "name" in answers and "kind" in answers:
            name = named(answers["kind"], answers["name"])["name"]
            if self.branch.children.active().filter(name=name).exists():
                self.add_error("name", f"{self.branch}下面已有{name}，请核对。")

    def perform(self):
        answers = self.cleaned_data
        return successions.found(
            self.deed(),
            parent=self.branch,
            kind=answers["kind"],
            level=answers["level"],
            code=answers["code"],
            **named(answers["kind"], answers["name"]),
        )


class CloseForm(ActForm):
    title = "撤销"
    act = Succession.Act.CLOSE
    explanation = "生效日期是它存在的最后一天。以前的活动和报表都保留。"

    def perform(self):
        successions.close(self.deed(), self.branch)
        return self.branch


class RenameForm(ActForm):
    title = "更名"
    explanation = "从生效当月起用新名称，以前各月的报表仍用原名称。"

    name = text_field("新名称", max_length=100)

    def clean_name(self):
        typed = self.cleaned_data["name"]
        if named(self.branch.kind, typed)["name"] == self.branch.name:
            raise ValidationError("新名称和现在的一样，请填写新的名称。")
        return typed

    def perform(self):
        names = named(self.branch.kind, self.cleaned_data["name"])
        successions.rename(self.deed(), self.branch, **names)
        return self.branch


class TransferForm(ActForm):
    title = "划转"
    explanation = (
        "本组织连同全部下级归到新的上级，从生效当月起按新的隶属统计，以前各月不变。"
    )
    takes_effect_monthly = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields = {"parent": self.choose_one("新的上级"), **self.fields}

    def perform(self):
        parent = self.cleaned_data["parent"]
        successions.transfer(self.deed(), self.branch, parent=parent)
        return self.branch


class MergeForm(ActForm):
    title = "合并"
    act = Succession.Act.MERGE
    explanation = (
        "本组织（和一同并入的组织）在生效日期前一天撤销，下级转到承接组织；"
        "以前的活动和报表仍归原组织。"
    )
    takes_effect_monthly = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        into = self.choose_one("承接组织", help_text="并入哪个组织。")
        others = self.choose_several(
            "一同并入的其他组织", required=False, help_text="没有就不选。"
        )
        self.fields = {"into": into, "others": others, **self.fields}

    def perform(self):
        into = self.cleaned_data["into"]
        others = self.cleaned_data["others"].exclude(pk=self.branch.pk)
        successions.merge(self.deed(), [self.branch, *others], into=into)
        return into


class SplitForm(ActForm):
    title = "分设"
    act = Succession.Act.SPLIT
    explanation = "从本组织分出新的同级组织；以前的活动和报表仍归本组织。"
    takes_effect_monthly = True

    parts = forms.CharField(
        label="分出的组织",
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextareaWidget({"rows": 4}),
    )
    closes = forms.BooleanField(
        label="本组织同时撤销",
        required=False,
        widget=widgets.UnfoldBooleanWidget(),
        help_text="在生效日期前一天撤销；下面还有组织的，要先划转。",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        is_unit = self.branch.level == Branch.Level.UNIT
        self.fields["parts"].help_text = (
            "每行一个组织的名称，编码由系统自动编。"
            if is_unit
            else "每行一个：区划编码、空格、名称，如“370114001200 明三社区”。"
        )

    def clean_parts(self):
        lines = self.cleaned_data["parts"].splitlines()
        parts = [self._part(n, line.split()) for n, line in enumerate(lines, 1) if line]
        codes = [part["code"] for part in parts if part["code"]]
        if len(set(codes)) < len(codes):
            raise ValidationError("有两行的编码一样，请核对。")
        return parts

    def _part(self, number: int, words: list[str]) -> dict:
        if self.branch.level == Branch.Level.UNIT:
            return {"code": "", **named(self.branch.kind, "".join(words))}
        if len(words) != 2 or not words[0].isdigit():
            raise ValidationError(f"第 {number} 行请写成“编码 空格 名称”。")
        if taken := Branch.objects.filter(code=words[0]).first():
            raise ValidationError(f"第 {number} 行的编码已由{taken}使用，请核对。")
        return {"code": words[0], **named(self.branch.kind, words[1])}

    def clean(self):
        answers = super().clean()
        if answers.get("closes") and len(answers.get("parts", [1, 2])) < 2:
            self.add_error("parts", "本组织撤销时，至少要分成两个组织。")
        return answers

    def perform(self):
        answers = self.cleaned_data
        successions.split(
            self.deed(), self.branch, parts=answers["parts"], closes=answers["closes"]
        )
        return self.branch
