"""Who may manage whose account, and the one-time codes that set a password.

Without these limits a code for the account of one's superior would be a way up.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from axes.utils import reset as forgive_failed_logins
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from federation.models import Branch, Grant, OneTimeCode, User
from federation.months import local_today
from federation.roles import GRANTABLE, Role
from federation.scope import held_grants

# Neither 0 and O nor 1, I and L: a code is read out on the phone and typed.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10
CODE_LIFE = timedelta(hours=24)
FAILURES_ALLOWED = 5


class CodeHasher(PBKDF2PasswordHasher):
    """Hashes codes. They are random (49 bits) and live for a day: these rounds would
    keep a thief busy for a century, and a street's 33 new chairs wait two seconds."""

    iterations = 100_000


# One answer for an unknown name, a wrong, used, expired or spent code.
REFUSAL = "用户名或重置码不对，或重置码已失效。请核对后再试，或请上级重新发放。"


def may_grant(user: User, role: str, branch: Branch) -> bool:
    """Tell whether *user* may hand out *role* at *branch*: some grant of hers reaches
    that far and may pass on that role."""
    if user.is_active and user.is_superuser:
        return True
    return any(
        branch.path.startswith(path) and role in _passed_on(held, principal)
        for path, held, principal in held_grants(user)
    )


def _passed_on(held: str, principal: int | None) -> tuple[Role, ...]:
    """Return the roles that a holder of *held* hands out. A deputy makes the villages'
    accounts; what she does not hold for good she gives nobody for good."""
    roles = GRANTABLE[Role(held)]
    return roles if principal is None else tuple({*roles} & {Role.CLERK})


def grantable_roles(user: User) -> list[Role]:
    """Return the roles that *user* may hand out somewhere, in the order of Role."""
    if user.is_active and user.is_superuser:
        return list(Role)
    given = set()
    for _, held, principal in held_grants(user):
        given.update(_passed_on(held, principal))
    return [role for role in Role if role in given]


def may_manage(user: User, account: User) -> bool:
    """
    Tell whether *user* may change *account* and give it a code.

    Its branch must lie in her reach, and she must be able to hand out every role it
    has, now or later. Nobody manages her own account, nor a superuser's.
    """
    if account.pk == user.pk or (account.is_superuser and not user.is_superuser):
        return False
    if account.branch is None or not user.has_perm("federation.change_user", account):
        return user.is_active and user.is_superuser
    return all(
        may_grant(user, grant.role, grant.branch)
        for grant in grants_not_ended(account).select_related("branch")
    )


def grants_not_ended(account: User):
    """Return the grants of *account* in force today or to come."""
    today = local_today()
    return Grant.objects.filter(user=account).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    )


@transaction.atomic
def issue_code(account: User, by: User | None) -> str:
    """Make a one-time code for *account* and return it, the only time it can be read.
    Older codes are void from now on."""
    _lock(account)
    _void_codes(account)
    letters = [secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)]
    code = "".join(letters)
    OneTimeCode.objects.create(
        user=account,
        code_hash=_hash(code),
        issued_by=by,
        expires_at=timezone.now() + CODE_LIFE,
    )
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def redeem_code(username: str, code: str, new_password: str) -> User:
    """
    Set *new_password* for the account *username* if *code* is good, and use it up.

    Raises ValidationError: code ``code`` with the one REFUSAL for everything that is
    wrong with name or code, otherwise the password's own faults, which cost nothing.
    """
    account = User.objects.filter(username=username, is_active=True).first()
    if account is None:
        _hash(code)  # the same work, so that the time tells nothing either
        raise ValidationError(REFUSAL, code="code")
    with transaction.atomic():
        one_time_code = _checked_code(account, code)
        if one_time_code:
            validate_password(new_password, account)
            _set_password(account, new_password, one_time_code)
    if not one_time_code:
        raise ValidationError(REFUSAL, code="code")
    forgive_failed_logins(username=account.username)
    return account


def _checked_code(account: User, code: str) -> OneTimeCode | None:
    """Return the account's code if it is *code*, else count a failure."""
    _lock(account)
    newest = OneTimeCode.objects.filter(
        user=account,
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
        failures__lt=FAILURES_ALLOWED,
    ).first()
    if newest is None:
        _hash(code)
        return None
    if CodeHasher().verify(plain(code), newest.code_hash):
        return newest
    newest.failures += 1
    newest.save(update_fields=["failures"])
    return None


def plain(code: str) -> str:
    """Return *code* as it was made: capital letters, no dash, no spaces."""
    return "".join(character for character in code.upper() if character in ALPHABET)


def _hash(code: str) -> str:
    hasher = CodeHasher()
    return hasher.encode(code, hasher.salt())


def _set_password(account: User, password: str, one_time_code: OneTimeCode) -> None:
    account.set_password(password)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    one_time_code.used_at = timezone.now()
    one_time_code.save(update_fields=["used_at"])
    _void_codes(account)


def _void_codes(account: User) -> None:
    now = timezone.now()
    unused = OneTimeCode.objects.filter(user=account, used_at__isnull=True)
    for older in unused.filter(expires_at__gt=now):
        older.expires_at = now
        older.save(update_fields=["expires_at"])


def _lock(account: User) -> None:
    """Let one request at a time try or make a code of *account*."""
    User.objects.select_for_update().get(pk=account.pk)
