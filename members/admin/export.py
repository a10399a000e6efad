"""The register of people as a file."""

from federation.wording import masked_phone
from members.models import Member, Post
from rollups.personal_exports import YES_NO, PersonalExportForm


class RosterExportForm(PersonalExportForm):
    model = Member

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["on"].help_text = "这一天在任的人。"

    def rows(self):
        answers = self.cleaned_data
        posts = Post.objects.within(answers["branch"]).in_post(answers["on"])
        return posts.select_related("member", "branch", "term").order_by(
            "branch__path", "title", "pk"
        )

    def columns(self) -> dict:
        phone = str if self.cleaned_data["with_phones"] else masked_phone
        return {
            "妇联组织": lambda post: post.branch.name,
            "组织编码": lambda post: post.branch.code,
            "姓名": lambda post: post.member.name,
            "妇联职务": lambda post: post.get_title_display(),
            "性别": lambda post: post.member.get_gender_display(),
            "出生年月": lambda post: _month(post.member.birth_month),
            "民族": lambda post: post.member.ethnicity,
            "学历": lambda post: post.member.get_education_display(),
            "政治面貌": lambda post: post.member.get_political_status_display(),
            "职业": lambda post: post.member.occupation,
            "工作单位及职务": lambda post: post.member.work_unit,
            "手机号": lambda post: phone(post.member.phone),
            "两委成员": lambda post: YES_NO[post.member.is_village_cadre],
            "兼任网格员": lambda post: YES_NO[post.member.is_grid_worker],
            "届次": lambda post: post.term.number if post.term else "",
            "任职日期": lambda post: post.started_on,
        }

    def title(self) -> str:
        return f"{self.cleaned_data['branch'].name}执委名册{self.cleaned_data['on']}"

    def chosen(self) -> str:
        return f"{self.cleaned_data['on']} 在任"


def _month(day) -> str:
    return f"{day:%Y-%m}" if day else ""
