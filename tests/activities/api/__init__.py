"""Programs that speak to the API, and what they send."""

from rest_framework.test import APIClient

LIST = "/api/v1/activities/"
ID_NUMBER = "11010519491231002X"


def detail(activity, verb=""):
    return f"{LIST}{activity.pk}/{verb and verb + '/'}"


def api_of(user=None) -> APIClient:
    """Return the API as *user* speaks to it, or anybody."""
    api = APIClient()
    if user:
        api.force_authenticate(user)
    return api


def sent(branch, programme, **values) -> dict:
    """Return the least that enters a health lecture of *branch*."""
    return {
        "title": "秋季健康讲座",
        "branch": branch.code,
        "programme": programme.slug,
        "kind": "health",
        "starts_on": "2026-03-08",
        "place": "社区活动室",
        **values,
    }


def titles(response) -> list[str]:
    assert response.status_code == 200, response.json()
    return [row["title"] for row in response.json()["results"]]
