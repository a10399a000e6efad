"""Accounts, and the dated grants that are their only source of access."""

from auditlog.registry import auditlog
from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    _user_has_module_perms,
    _user_has_perm,
)
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from federation.logged import LoggedQuerySet
from federation.months import local_today
from federation.querysets import GrantQuerySet, UserQuerySet
from federation.roles import Role
from federation.scope import grants_in_force

DEPUTYS_DAYS = 60
TOO_LONG = f"代理最长 {DEPUTYS_DAYS} 天；到期还需要的，再定一次。"


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username, password=None, **fields):
        return self.create_user(username, password, is_superuser=True, **fields)


class User(AbstractBaseUser):
    """An account (账号). It opens nothing by itself: grants do, while in force."""

    username = models.CharField(
        "用户名",
        max_length=64,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": "这个用户名已有人使用，请换一个。"},
    )
    name = models.CharField("姓名", max_length=50)
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name="所属妇联",
    )
    email = models.EmailField("邮箱", blank=True)
    is_active = models.BooleanField("启用", default=True)
    is_superuser = models.BooleanField("系统维护账号", default=False)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    # Whoever was given an account may have used it; that is no reason to keep it.
    journal_ignores = ("password", "last_login", "must_change_password")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ["username"]
        default_permissions = ("view", "add", "change")

    def __str__(self):
        return self.name or self.username

    @property
    def is_staff(self) -> bool:
        """True while a grant is in force: the admin's door."""
        return self.is_superuser or bool(grants_in_force(self))

    def has_perm(self, perm, obj=None):
        if self.is_active and self.is_superuser:
            return True
        return _user_has_perm(self, perm, obj)

    def has_perms(self, perm_list, obj=None):
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label):
        if self.is_active and self.is_superuser:
            return True
        return _user_has_module_perms(self, app_label)

    def forget_grants(self) -> None:
        """Read the grants anew at the next question."""
        self.__dict__.pop("_grants_in_force", None)

    def get_full_name(self):
        return self.name

    def get_short_name(self):
        return self.name


class Grant(models.Model):
    """A role at a place from one day to another (授权)."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="grants", verbose_name="账号"
    )
    branch = models.ForeignKey(
        "federation.Branch",
        on_delete=models.PROTECT,
        related_name="grants",
        verbose_name="妇联组织",
    )
    role = models.CharField("角色", max_length=16, choices=Role)
    starts_on = models.DateField("自", default=local_today)
    ends_on = models.DateField(
        "至", null=True, blank=True, help_text="最后有效的一天；不填表示长期。"
    )
    granted_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="授权人",
    )
    note = models.CharField("说明", max_length=200, blank=True)
    stands_in_for = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="deputies",
        verbose_name="代理的授权",
        help_text="这是代理：期间替这个授权的人办事，随它一起结束。",
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = "授权"
        verbose_name_plural = "授权"
        ordering = ["user", "branch__path", "role", "starts_on"]
        default_permissions = ("view", "add", "change")
        indexes = [models.Index(fields=["user", "starts_on"], name="grant_user_from")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="grant_ends_after_it_starts",
                violation_error_message="授权的结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for__isnull=True) | Q(ends_on__isnull=False),
                name="grant_of_a_deputy_ends",
                violation_error_message="代理要写明最后一天。",
            ),
            models.UniqueConstraint(
                fields=["user", "branch", "role", "starts_on"],
                name="grant_once_a_day",
                violation_error_message="同一天已有同样的授权。",
            ),
        ]

    def __str__(self):
        return f"{self.user}：{self.branch}{self.get_role_display()}"

    def clean(self):
        super().clean()
        is_lent = self.stands_in_for_id and self.ends_on and self.starts_on
        if is_lent and (self.ends_on - self.starts_on).days >= DEPUTYS_DAYS:
            raise ValidationError({"ends_on": TOO_LONG})


class OneTimeCode(models.Model):
    """A code that lets its owner set a new password once (一次性重置码). Only its
    hash is kept."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="codes", verbose_name="账号"
    )
    code_hash = models.CharField("校验值", max_length=128)
    issued_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="发放人",
    )
    issued_at = models.DateTimeField("发放时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("输错次数", default=0)

    objects = LoggedQuerySet.as_manager()

    class Meta:
        verbose_name = "一次性重置码"
        verbose_name_plural = "一次性重置码"
        ordering = ["-issued_at"]
        default_permissions = ()

    def __str__(self):
        return f"{self.user}的重置码"


# A password's change is worth an entry, its hash is not.
auditlog.register(User, exclude_fields=["last_login"], mask_fields=["password"])
auditlog.register(Grant)
auditlog.register(OneTimeCode, exclude_fields=["code_hash"])
