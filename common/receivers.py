from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed

from common.access.sessions import on_roles_changed, on_sign_in
from common.models import User

user_logged_in.connect(on_sign_in, dispatch_uid="common.on_sign_in")
m2m_changed.connect(
    on_roles_changed, sender=User.groups.through, dispatch_uid="common.on_roles_changed"
)
