"""The cast: one district, two streets, a community in each, and who works there."""

import pytest

from federation.models import Branch
from federation.roles import Role
from tests import sharing
from tests.factories import BranchFactory, GrantFactory, ProgrammeFactory, UserFactory

Level = Branch.Level


@pytest.hookimpl(tryfirst=True)  # -m chooses by the marks
def pytest_collection_modifyitems(items):
    sharing.place(items)
    sharing.longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    by_file = config.getvalue("dist") == "loadfile"
    return sharing.ByFileOrFolder(config, log) if by_file else None


@pytest.fixture
def district(db):
    return BranchFactory(code="370114", short_name="章丘区", level=Level.DISTRICT)


@pytest.fixture
def street(district):
    return BranchFactory(
        code="370114001", short_name="明水街道", level=Level.TOWN, parent=district
    )


@pytest.fixture
def sister_street(district):
    return BranchFactory(
        code="370114002", short_name="双山街道", level=Level.TOWN, parent=district
    )


@pytest.fixture
def community(street):
    return BranchFactory(code="370114001001", short_name="明一社区", parent=street)


@pytest.fixture
def second_community(street):
    return BranchFactory(code="370114001002", short_name="明二社区", parent=street)


@pytest.fixture
def sister_community(sister_street):
    return BranchFactory(
        code="370114002001", short_name="赵家庄社区", parent=sister_street
    )


@pytest.fixture
def programme(db):
    return ProgrammeFactory()


def staff(branch, role, username):
    user = UserFactory(username=username, branch=branch)
    GrantFactory(user=user, branch=branch, role=role)
    return user


@pytest.fixture
def village_clerk(community):
    return staff(community, Role.CLERK, "village_clerk")


@pytest.fixture
def street_reviewer(street):
    return staff(street, Role.REVIEWER, "street_reviewer")


@pytest.fixture
def sister_reviewer(sister_street):
    return staff(sister_street, Role.REVIEWER, "sister_reviewer")


@pytest.fixture
def district_admin(district):
    return staff(district, Role.DISTRICT_ADMIN, "district_admin")


@pytest.fixture
def auditor(district):
    return staff(district, Role.AUDITOR, "auditor")


@pytest.fixture
def staff_without_grant(community):
    return UserFactory(username="without_grant", branch=community)
