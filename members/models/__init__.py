"""The register: people (执委／人员), their posts (任职), the terms (届), honours."""

from members.models.election import Candidate, Election
from members.models.honour import Delegate, Honour
from members.models.member import Member
from members.models.post import Post, PostGrant
from members.models.term import Term, TermLength

__all__ = [
    "Candidate",
    "Delegate",
    "Election",
    "Honour",
    "Member",
    "Post",
    "PostGrant",
    "Term",
    "TermLength",
]
