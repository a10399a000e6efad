"""The list of the staff: each line says at once what looks wrong about it."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from unfold.views import ChangeList

from activities.doubts import doubts_of


class DoubtingChangeList(ChangeList):
    """Asks about the lines of the page, in one statement, whatever the list is of."""

    def get_results(self, request):
        super().get_results(request)
        doubts = doubts_of(self.result_list)
        for activity in self.result_list:
            activity.doubts = doubts.get(activity.pk, [])


class DoubtingList:
    def get_changelist(self, request, **kwargs):
        return DoubtingChangeList

    @admin.display(description="活动名称", ordering="title")
    def heading(self, activity):
        chips = format_html_join(
            "",
            '<span class="doubt-chip" title="{}">存疑·{}</span>',
            ((doubt.sentence, doubt.word) for doubt in activity.doubts),
        )
        if activity.is_on_behalf:
            chips += format_html(
                '<span class="doubt-chip behalf-chip">{}</span>', "代填"
            )
        return format_html("{}{}", activity.title, chips)
