"""The register as a file: for a purpose and a recipient, and noted."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold import widgets
from unfold.decorators import action

from federation.admin.autocomplete import ScopedSelect
from federation.disclosures import note_export
from federation.id_numbers import refuse_id_number
from federation.models import Branch
from federation.months import local_today
from federation.wording import masked_phone
from members.models import Member, Post
from rollups.exports import xlsx_response

EXPORT = "members.export_member"
YES_NO = {True: "是", False: ""}


class ExportForm(forms.Form):
    """What is taken away, why, and for whom."""

    branch = forms.ModelChoiceField(
        Branch.objects.none(), label="妇联组织", help_text="连同下级组织一起导出。"
    )
    on = forms.DateField(
        label="截止日期",
        help_text="这一天在任的人。",
        widget=forms.DateInput(
            {"type": "date", "class": " ".join(widgets.INPUT_CLASSES)},
            format="%Y-%m-%d",
        ),
    )
    with_phones = forms.BooleanField(
        label="包含完整手机号",
        required=False,
        widget=widgets.UnfoldBooleanWidget(),
        help_text="不勾选时，手机号中间四位隐去。",
    )
    purpose = forms.CharField(
        label="用途",
        max_length=200,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="如“2026 年三八节慰问名单”。",
    )
    recipient = forms.CharField(
        label="接收人",
        max_length=100,
        validators=[refuse_id_number],
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text="交给谁：单位和姓名。",
    )

    def __init__(self, *args, user, admin_site, **kwargs):
        super().__init__(*args, **kwargs)
        branch = self.fields["branch"]
        branch.widget = ScopedSelect(
            Member._meta.get_field("branch"), admin_site, "export"
        )
        branch.queryset = Branch.objects.visible_to(user, EXPORT)
        self.fields["on"].initial = local_today()

    def posts(self):
        """Return the posts asked for, in tree order."""
        answers = self.cleaned_data
        posts = Post.objects.within(answers["branch"]).in_post(answers["on"])
        return posts.select_related("member", "branch", "term").order_by(
            "branch__path", "title", "pk"
        )

    def columns(self) -> dict:
        phone = masked_phone
        if self.cleaned_data["with_phones"]:
            phone = str
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

    def selection(self) -> str:
        answers = self.cleaned_data
        phones = "，含完整手机号" if answers["with_phones"] else ""
        return f"{answers['branch']}及下级，{answers['on']} 在任{phones}"


class RegisterExportMixin:
    @action(description="导出名册", url_path="to-export", permissions=["export"])
    def export_register(self, request):
        return HttpResponseRedirect(reverse("admin:members_member_export"))

    def has_export_permission(self, request):
        return request.user.has_perm(EXPORT)

    def get_urls(self):
        page = path(
            "export/",
            self.admin_site.admin_view(self.export_view),
            name="members_member_export",
        )
        return [page, *super().get_urls()]

    def export_view(self, request):
        if not request.user.has_perm(EXPORT):
            raise PermissionDenied
        form = ExportForm(
            request.POST or None, user=request.user, admin_site=self.admin_site
        )
        if request.method == "POST" and form.is_valid():
            return self._file(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": "导出名册",
            "opts": self.opts,
            "form": form,
            "media": form.media,
        }
        template = "admin/members/member/export.html"
        return TemplateResponse(request, template, context)

    def _file(self, request, form):
        posts = form.posts()
        branch = form.cleaned_data["branch"]
        note_export(
            request.user,
            Member,
            branch,
            purpose=form.cleaned_data["purpose"],
            recipient=form.cleaned_data["recipient"],
            selection=form.selection(),
            rows=posts.count(),
        )
        name = f"{branch.name}执委名册{form.cleaned_data['on']}.xlsx"
        return xlsx_response(name, form.columns(), posts.iterator(chunk_size=2000))


def _month(day) -> str:
    return f"{day:%Y-%m}" if day else ""
