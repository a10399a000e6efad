"""代填: somebody above enters for a village; it says so, and the village sees it."""

import json

from auditlog.models import LogEntry

from activities.models import Activity
from federation.roles import Role
from tests.activities.entry import ADD, LIST, change, typed
from tests.factories import GrantFactory


def entered(client, user, branch, programme) -> Activity:
    client.force_login(user)
    client.post(ADD, typed(branch, programme))
    return Activity.objects.get()


def test_a_street_enters_for_a_village_and_it_is_logged(
    client, community, programme, street_reviewer, village_clerk
):
    activity = entered(client, street_reviewer, community, programme)
    assert activity.is_on_behalf
    entry = LogEntry.objects.get_for_object(activity).get(action=LogEntry.Action.CREATE)
    changes = entry.changes
    if isinstance(changes, str):
        changes = json.loads(changes)
    assert changes["is_on_behalf"] == ["None", "True"]
    assert entry.actor == street_reviewer

    client.force_login(village_clerk)
    page = client.get(LIST)
    assert [a.title for a in page.context["cl"].result_list] == ["反家庭暴力法宣讲"]
    assert ">代填</span>" in page.content.decode()
    told = client.get(change(activity)).content.decode()
    assert f"代填：由{street_reviewer}（明水街道）替明一社区录入。" in told


def test_a_villages_own_entry_is_no_such_thing(
    client, community, programme, village_clerk
):
    assert not entered(client, village_clerk, community, programme).is_on_behalf


def test_nor_is_that_of_a_street_which_is_also_the_villages_clerk(
    client, community, programme, street_reviewer
):
    GrantFactory(user=street_reviewer, branch=community, role=Role.CLERK)
    assert not entered(client, street_reviewer, community, programme).is_on_behalf
