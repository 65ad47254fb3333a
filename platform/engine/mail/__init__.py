"""E-mail: a tenant's mail server, and sending one message through it.

The password of the mail server lies in the control schema, which a tenant's database role cannot read, and is
never shown again. Connections go through `engine.egress`.

May import: engine.storage, engine.identity, engine.permissions, engine.egress. Public names are those below.
"""

from fieldstone.engine.mail.sending import MailFailed, Message, send
from fieldstone.engine.mail.settings import MailSettings, drop_mail, mail_settings, save_mail

__all__ = ["MailFailed", "MailSettings", "Message", "drop_mail", "mail_settings", "save_mail", "send"]
