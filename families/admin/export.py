"""The register of households as a file."""

from django import forms
from unfold import widgets

from families.admin.filters import STANDINGS, in_standing
from families.models import Household
from families.models.choices import Occupancy
from families.wording import standing_of
from federation.wording import masked_phone
from rollups.personal_exports import YES_NO, PersonalExportForm

COURTYARDS = {"yes": "有庭院", "no": "没有庭院"}


def _choice(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[("", "全部"), *choices],
        required=False,
        widget=widgets.UnfoldAdminSelectWidget(),
    )


class HouseholdExportForm(PersonalExportForm):
    model = Household

    standing = _choice("认定情况", STANDINGS.items())
    courtyard = _choice("庭院", COURTYARDS.items())
    occupancy = _choice("居住情况", Occupancy.choices)

    field_order = ["branch", "on", "standing", "courtyard", "occupancy"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].help_text = "这一天在册的户；认定情况按今天的。"

    def rows(self):
        answers = self.cleaned_data
        found = Household.objects.within(answers["branch"]).registered_on(answers["on"])
        found = in_standing(found, answers["standing"])
        if answers["courtyard"]:
            found = found.filter(has_courtyard=answers["courtyard"] == "yes")
        if answers["occupancy"]:
            found = found.filter(occupancy=answers["occupancy"])
        found = found.with_recognition().select_related("branch")
        return found.order_by("branch__path", "number")

    def columns(self) -> dict:
        phone = str if self.cleaned_data["with_phones"] else masked_phone
        return {
            "村（社区）": lambda household: household.branch.name,
            "组织编码": lambda household: household.branch.code,
            "户号": lambda household: household.number,
            "户主": lambda household: household.contact_name or "（已随村并入别处）",
            "村组": lambda household: household.group,
            "门牌号": lambda household: household.door,
            "电话": lambda household: phone(household.phone),
            "庭院": lambda household: YES_NO[household.has_courtyard] or "否",
            "居住情况": lambda household: household.get_occupancy_display(),
            "认定情况": standing_of,
            "登记日期": lambda household: household.entered_on,
        }

    def title(self) -> str:
        return f"{self.cleaned_data['branch'].name}家庭户名册{self.cleaned_data['on']}"

    def chosen(self) -> str:
        answers = self.cleaned_data
        said = [
            STANDINGS.get(answers["standing"]),
            COURTYARDS.get(answers["courtyard"]),
            dict(Occupancy.choices).get(answers["occupancy"]),
        ]
        return "，".join([f"{answers['on']} 在册", *filter(None, said)])
