"""Who works here, and in which role."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission
from django.db.models import ManyToManyField, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from common.access.recent import recently_verified
from common.access.second_factor import demand, remove
from common.access.sessions import end_sessions, keep_session
from common.admin.base import ModelAdmin
from common.enums import Role
from common.models import RoleSecurity, User
from common.operations import audit
from common.staff import signed_in

# Whoever gains or loses one of these signs in again.
RIGHTS = {"is_active", "is_staff", "is_superuser"}
ACTS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}

admin.site.unregister(Group)


def role_label(group: Group) -> str:
    """Return the role's name in the reader's language; a group of the shop's own has one name."""
    return str(Role(group.name).label) if group.name in Role.values else group.name


def permission_label(permission: Permission) -> str:
    """Return what may be done to what, in the reader's language: the stored name is English."""
    kind = permission.content_type
    model = kind.model_class()
    what = capfirst(str(model._meta.verbose_name_plural)) if model else kind.model
    act, _sep, of = permission.codename.partition("_")
    done = ACTS[act] if act in ACTS and of == kind.model else gettext(permission.name)
    return f"{what}: {done}"


class RolesField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return role_label(obj)


class PermissionsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return permission_label(obj)


class RoleFilter(admin.RelatedFieldListFilter):
    def field_choices(self, *args: Any) -> list[tuple[Any, Any]]:
        return [(group.pk, role_label(group)) for group in Group.objects.order_by("name")]


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = (
        *("username", "name", "show_roles", "email"),
        *("show_second_factor", "is_active", "last_login"),
    )
    list_filter = ("is_active", ("groups", RoleFilter))
    actions = ("reset_second_factor", "end_all_sessions")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": (("first_name", "last_name"), ("email", "language"))}),
        (
            _("Rights"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "apology_limit")},
        ),
        (_("Dates"), {"fields": (("last_login", "date_joined"),)}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    ("first_name", "last_name"),
                    "email",
                    "groups",
                    ("password1", "password2"),
                )
            },
        ),
    )
    readonly_fields = ("last_login", "date_joined")
    # A handful of roles: ticked, not moved between two lists.
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return (
            super()
            .get_queryset(request)
            .prefetch_related("groups")
            .select_related("authenticator")
        )

    @admin.display(description=_("Name"), ordering="first_name")
    def name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=_("Roles"))
    def show_roles(self, user: User) -> str:
        return ", ".join(map(role_label, user.groups.all()))

    @display(description=_("Second factor"), boolean=True)
    def show_second_factor(self, user: User) -> bool:
        return hasattr(user, "authenticator")

    @recently_verified()
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @recently_verified(methods=["POST"])
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    @recently_verified()
    def user_change_password(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        answer = super().user_change_password(request, *args, **kwargs)
        if request.method == "POST" and answer.status_code == 302:
            user = User.objects.get(pk=kwargs["id"])
            audit("password_changed", user, at=now(), by=signed_in(request))
        return answer

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        # Whoever is added here works here.
        obj.is_staff = obj.is_staff or not change
        super().save_model(request, obj, form, change)
        if change and RIGHTS & set(form.changed_data):
            end_sessions([obj])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.instance.pk == request.user.pk:
            # Who changes themselves has just shown who they are: this session goes on.
            keep_session(request, User.objects.get(pk=form.instance.pk))

    @admin.action(description=_("Take the second factor away"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """For whoever lost phone and recovery codes: they set it up anew at the next sign-in."""
        by, at = signed_in(request), now()
        mine = [user for user in people if self.has_change_permission(request, user)]
        removed = [user for user in mine if user != by and remove(user, by=by, at=at)]
        end_sessions(removed)
        told = ngettext(
            "%(count)d second factor taken away.",
            "%(count)d second factors taken away.",
            len(removed),
        )
        self.message_user(request, told % {"count": len(removed)}, messages.SUCCESS)

    @admin.action(description=_("End all sessions"), permissions=["change"])
    def end_all_sessions(self, request: HttpRequest, people: QuerySet[User]) -> None:
        by, at = signed_in(request), now()
        ended = [user for user in people if self.has_change_permission(request, user)]
        end_sessions(ended)
        for user in ended:
            audit("sessions_ended", user, at=at, by=by)
        told = _("Signed out everywhere: %(people)s.")
        self.message_user(request, told % {"people": ", ".join(map(str, ended))})

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        # Whoever may set the password of a superuser is one.
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not (above or obj == request.user) and super().has_delete_permission(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        # Nobody deletes themselves: who would have done it?
        super().delete_queryset(request, queryset.exclude(pk=signed_in(request).pk))

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        if db_field.name == "groups":
            kwargs |= {
                "form_class": RolesField,
                "widget": UnfoldAdminCheckboxSelectMultipleWidget(),
            }
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        # Nobody makes themselves, or a friend, more than they are.
        barred = () if request.user.is_superuser else ("is_superuser",)
        return (*self.readonly_fields, *barred)


class GroupForm(forms.ModelForm):
    needs_second_factor = forms.BooleanField(
        label=_("Demand a second factor"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_(
            "Whoever has the role sets up an app on their phone at the next sign-in, and shows "
            "its code from then on."
        ),
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            demands = RoleSecurity.objects.filter(group=self.instance, needs_second_factor=True)
            self.fields["needs_second_factor"].initial = demands.exists()


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    form = GroupForm
    fields = ("name", "needs_second_factor", "permissions")
    list_display = ("show_role", "show_second_factor")
    list_select_related = ("security",)

    @admin.display(description=_("Role"), ordering="name")
    def show_role(self, group: Group) -> str:
        return role_label(group)

    @display(description=_("Second factor demanded"), boolean=True)
    def show_second_factor(self, group: Group) -> bool:
        security = getattr(group, "security", None)
        return bool(security and security.needs_second_factor)

    @recently_verified(methods=["POST"])
    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().add_view(request, *args, **kwargs)

    @recently_verified(methods=["POST"])
    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().change_view(request, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        group, by = form.instance, signed_in(request)
        wanted = form.cleaned_data["needs_second_factor"]
        demand(group, demanded=wanted, by=by, at=now())
        if "permissions" in form.changed_data:
            end_sessions(User.objects.filter(groups=group))
            keep_session(request, User.objects.get(pk=by.pk))

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, form_class=PermissionsField, **kwargs
        )
