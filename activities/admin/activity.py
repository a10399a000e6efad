"""The activity in the admin: one form made for a phone, and the list."""

import uuid
from copy import copy

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from unfold.decorators import display

from activities import review, series
from activities.admin.actions import ReviewActions, reason_from
from activities.admin.entry_page import entry_page
from activities.admin.filters import LIST_FILTER, SEARCH_FIELDS
from activities.admin.history import AuditedHistory
from activities.admin.late import LateEntries, late_entry
from activities.admin.listing import DoubtingList
from activities.admin.pages import ActivityPages
from activities.admin.partners import PartnerInline, as_sent, proposed_partners
from activities.admin.photo_pages import PhotoPages
from activities.admin.queue import QueuePages, after
from activities.doubts import hints_about
from activities.forms import ActivityForm
from activities.habits import branches_of, habits_of, usual_values
from activities.models import Activity
from activities.models.choices import Review
from federation import lost_session
from federation.admin.scoped import FederationAdmin
from federation.wording import grouped

SAVED_BEFORE = "这条活动已经保存过了，没有重复登记。"
SAVED_DIFFERENTLY = (
    "这条活动已经保存过了。下面是您这次填的内容，与已保存的不同；"
    "要改成这样，请再点一次保存或提交。"
)


@admin.register(Activity)
class ActivityAdmin(
    ReviewActions,
    DoubtingList,
    QueuePages,
    PhotoPages,
    ActivityPages,
    AuditedHistory,
    LateEntries,
    FederationAdmin,
):
    form = ActivityForm
    fields = Activity.REVIEWED_FIELDS
    inlines = [PartnerInline]
    change_form_template = "admin/activities/activity/change_form.html"
    change_list_template = "admin/activities/activity/change_list.html"

    list_display = [
        "heading",
        "starts_on",
        "branch_name",
        "people",
        "review_label",
        "happening_label",
    ]
    list_filter = LIST_FILTER
    list_filter_submit = False
    list_select_related = ["branch"]
    search_fields = SEARCH_FIELDS
    search_help_text = "活动名称、地点或主办妇联"
    date_hierarchy = "starts_on"
    show_full_result_count = False
    warn_unsaved_form = False

    @admin.display(description="主办", ordering="branch__path")
    def branch_name(self, activity):
        return activity.branch.short_name

    @admin.display(description="参加", empty_value="—")
    def people(self, activity):
        if activity.attendance is None:
            return None
        return f"{grouped(activity.attendance)} 人次"

    @display(
        description="审核",
        ordering="review",
        label={
            Review.DRAFT.label: "info",
            Review.SUBMITTED.label: "warning",
            Review.RETURNED.label: "danger",
            Review.APPROVED.label: "success",
        },
    )
    def review_label(self, activity):
        return activity.get_review_display()

    @admin.display(description="举办", ordering="happening")
    def happening_label(self, activity):
        return "待补数" if activity.awaits_figures else activity.get_happening_display()

    # Rights ---------------------------------------------------------------------

    def has_delete_permission(self, request, obj=None):
        if obj is None:
            return super().has_delete_permission(request)
        return review.may_discard(request.user, obj)

    # The form -------------------------------------------------------------------

    def get_form(self, request, obj=None, change=False, **kwargs):
        permission = review.CHANGE if change else review.ADD
        branches = branches_of(request.user, permission)
        kwargs["form"] = ActivityForm.for_user(request.user, branches)
        kwargs["exclude"] = []  # whoever may only look is shown the same form
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request):
        if source := self._done_again(request):
            return series.again(source)
        branches = branches_of(request.user, review.ADD)
        return usual_values(request.user, self._habits(request), branches)

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if request.method == "GET" and obj.pk is None:
            kwargs["initial"] = proposed_partners(request)
        return kwargs

    def render_change_form(self, request, context, add=False, obj=None, **kwargs):
        form = context["adminform"].form
        context |= entry_page(
            request,
            form,
            obj,
            habits=self._habits(request),
            may_save=add or self.has_change_permission(request, obj),
        )
        context |= late_entry(request, form, obj)
        context["title"] = "登记活动" if add else "活动"
        context["return_open"] = "_return" in request.POST
        context["client_token"] = _token_of(request) or uuid.uuid4()
        context["partner_formset"] = context["inline_admin_formsets"][0].formset
        return super().render_change_form(request, context, add=add, obj=obj, **kwargs)

    def _habits(self, request):
        if not hasattr(request, "habits"):
            request.habits = habits_of(request.user)
        return request.habits

    def _done_again(self, request) -> Activity | None:
        """Return the activity that this new form repeats, if it says so."""
        wanted = request.GET.get("again", "")
        if wanted.isdigit() and not hasattr(request, "done_again"):
            found = Activity.objects.visible_to(request.user)
            request.done_again = found.filter(pk=wanted).first()
        return getattr(request, "done_again", None)

    # Saving ---------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST":
            if object_id is None:
                answer = self._answer_sent_before(request)
            else:
                answer = self._answer_decision(request, object_id)
            if answer:
                return answer
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            # The same form arrived twice at the same moment; the other was faster.
            if object_id is None and (answer := self._answer_sent_before(request)):
                return answer
            raise

    def save_model(self, request, obj, form, change):
        if not change:
            obj.client_token = _token_of(request) or uuid.uuid4()
        seen = request.POST.get("seen") if change else None
        submit = "_submit" in request.POST
        review.save(obj, request.user, submit=submit, seen=seen)
        if "_approve" in request.POST:
            review.approve(obj, request.user, seen=seen)
            obj.refresh_from_db()

    def delete_model(self, request, obj):
        review.discard(obj, request.user)

    def response_add(self, request, obj, post_url_continue=None):
        return self._after_saving(request, obj)

    def response_change(self, request, obj):
        return self._after_saving(request, obj)

    def _after_saving(self, request, activity):
        messages.success(request, _what_was_done(request, activity))
        if "_approve" in request.POST:
            return redirect(after(activity))
        for hint in hints_about(activity):
            messages.warning(request, hint)
        return redirect(f"{_path_of(activity)}?saved=1")

    def _answer_decision(self, request, object_id):
        """Return or withdraw, whatever the fields say; None for everything else."""
        if "_return" not in request.POST and "_withdraw" not in request.POST:
            return None
        activity = self.get_object(request, object_id)
        if activity is None:
            return None  # Django says that there is none
        try:
            if "_return" in request.POST:
                reason = reason_from(request.POST)
                seen = request.POST.get("seen")
                review.send_back(activity, request.user, reason, seen=seen)
                self.log_change(request, activity, f"退回：{reason}")
                messages.success(request, f"已退回《{activity}》，对方会看到理由。")
                return redirect(after(activity))
            review.withdraw(activity, request.user)
        except ValidationError as refusal:
            request.refusal = refusal
            return None
        self.log_change(request, activity, "撤回")
        messages.success(request, f"已撤回《{activity}》。")
        return redirect(_path_of(activity))

    def _answer_sent_before(self, request):
        """Lead a form that was saved before to its record: as it is, or if it says
        something else, with that filled in and not saved."""
        token = _token_of(request)
        sent = Activity.objects.filter(client_token=token).first() if token else None
        if sent is None:
            return None
        if sent.recorded_by_id != request.user.pk:
            # A form left open on a shared phone: hers is a new one.
            request.client_token = uuid.uuid4()
            return None
        form = self.get_form(request, sent, change=True)(request.POST, instance=sent)
        if not form.is_valid() or _differs(sent, form.instance):
            messages.warning(request, SAVED_DIFFERENTLY)
            return redirect(_path_with_fields(request, sent))
        if "_submit" in request.POST and sent.review == Review.DRAFT:
            review.submit(sent, request.user)
        messages.info(request, SAVED_BEFORE)
        return redirect(f"{_path_of(sent)}?saved=1")


def _token_of(request) -> uuid.UUID | None:
    """Return the form's own key, by which a second sending is known."""
    if hasattr(request, "client_token"):
        return request.client_token
    try:
        return uuid.UUID(request.POST.get("client_token", ""))
    except ValueError:
        return None


def _differs(stored: Activity, typed: Activity) -> bool:
    kept = review.values_of(review.working_copy(copy(stored)))
    return bool(review.changed_fields(kept, review.values_of(typed)))


def _path_with_fields(request, sent: Activity) -> str:
    """Return the address of *sent* filled in with what was typed this time."""
    path = _path_of(sent)
    kept = lost_session.keep(request, path, _fields_for(sent, request))
    return f"{path}?{lost_session.PARAMETER}={kept}" if kept else path


def _fields_for(sent: Activity, request) -> QueryDict:
    """Return what was typed as the form of the record *sent* would send it: with the
    partners that are saved, so that none is saved twice."""
    fields = request.POST.copy()
    for name in [name for name in fields if name.startswith("partners-")]:
        del fields[name]
    fields.update(as_sent(sent))
    return fields


def _path_of(activity: Activity) -> str:
    return reverse("admin:activities_activity_change", args=[activity.pk])


def _what_was_done(request, activity: Activity) -> str:
    if "_approve" in request.POST:
        return f"已通过《{activity}》。"
    if activity.review == Review.SUBMITTED:
        if review.may_decide(request.user, activity):
            return "修改已保存，请接着通过或退回。"
        return "已提交审核，通过后公开并计数。现在可以加照片，不加也行。"
    if activity.review == Review.APPROVED:
        return "已保存，立即生效。"
    if activity.approved_at:
        return "修改已存为草稿。点“提交审核”并通过后，才会替换现在公开的内容。"
    return "草稿已保存，还没有提交。填好后请点“提交审核”。"
