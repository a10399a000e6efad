"""A recount of committees in plain Python, from the words of the report and not from
its SQL."""

from collections import Counter, defaultdict

from members.models import Post

BANDS = ((30, "age_30"), (40, "age_40"), (50, "age_50"), (60, "age_60"))


def recounted(branch_ids, on) -> Counter:
    """Return {line: people} of the committees of *branch_ids* on *on*."""
    held = defaultdict(list)
    wanted = set(branch_ids)
    for post in Post.objects.select_related("member", "branch"):
        is_over = post.ended_on is not None and post.ended_on <= on
        if post.branch_id in wanted and post.started_on <= on and not is_over:
            held[post.branch_id, post.member_id].append(post)
    found = Counter()
    for posts in held.values():
        found.update(lines_of(posts, on))
    return found


def lines_of(posts, on) -> list[str]:
    """Return the lines in which one person counts once, by all her posts in a branch;
    ``ages`` as often as she has years."""
    member = posts[0].member
    titles = {post.title for post in posts}
    lines = ["people", f"education_{member.education or 'unknown'}"]
    lines.append(f"politics_{member.political_status or 'unknown'}")
    lines += ["chairs"] if "chair" in titles else []
    lines += ["vice_chairs"] if any(name.startswith("vice") for name in titles) else []
    lines += ["men"] if member.gender == "male" else []
    age = member.age_on(on)
    if age is None:
        lines.append("age_unknown")
    else:
        lines.append(next((code for most, code in BANDS if age <= most), "age_61"))
        lines += ["aged", *["ages"] * age]
    lines += ["bachelors"] if member.education in ("bachelor", "graduate") else []
    is_part_time = any(p.title == "vice_part" or p.concurrent_office for p in posts)
    lines += ["part_time"] if is_part_time else []
    lines += ["village_cadres"] if member.is_village_cadre else []
    lines += ["new_employment"] if member.is_new_employment else []
    of_street = [p for p in posts if p.title == "chair" and p.branch.level == "town"]
    lines += ["street_chairs"] if of_street else []
    if any(p.concurrent_office == "deputy" for p in of_street):
        lines += ["deputy_chairs"] if member.gender == "female" else []
    return lines
