"""What mails to people say, in their language, and handing them to the tenant's mail server."""

from fieldstone.engine.context import Tenant
from fieldstone.engine.egress import Egress
from fieldstone.engine.identity.links import issue_reset
from fieldstone.engine.identity.roster import Member
from fieldstone.engine.mail import Message, mail_settings, send
from fieldstone.engine.service import Engine
from fieldstone.ui.messages import Texts, best_locale, load_texts
from fieldstone.ui.urls import urls_of
from fieldstone.ui.visit import Visit


def deliver(visit: Visit, member: Member, purpose: str, link: str) -> bool:
    """Mail a link to somebody; False when there is no mail server or no address. Raises what sending raises."""
    with visit.services.engine.database.connection() as connection:
        settings = mail_settings(connection, visit.context.tenant)
    if settings is None or not member.email:
        return False
    company = visit.context.company.name or visit.tenant_name
    letter = compose(visit.texts, purpose, member.email, member.name, company, link)
    send(settings, letter, visit.services.egress)
    return True


def compose(t: Texts, purpose: str, to: str, name: str, company: str, link: str) -> Message:
    """The letter for an invitation, or for a password forgotten."""
    lines = [
        t("letter.greeting", name=name),
        "",
        t(f"letter.{purpose}.text", company=company),
        "",
        link,
        "",
        t(f"letter.{purpose}.end"),
    ]
    return Message(to, t(f"letter.{purpose}.subject", company=company), "\n".join(lines) + "\n", name)


def send_reset(engine: Engine, tenant: Tenant, name: str, egress: Egress) -> bool:
    """Mail a reset link to whom a typed name belongs, if anybody; whether a mail went out.

    It is a job, so that the page that asked answers as fast for a name that nobody has. The link leads to the
    address in the mail settings, never to what a request claims to be.
    """
    with engine.database.connection() as connection:
        settings = mail_settings(connection, tenant)
        if settings is None:
            return False
        found = issue_reset(connection, tenant, name)
    if found is None:
        return False
    person, secret = found
    context = engine.system_context(tenant)
    texts = load_texts()[best_locale([*context.company.languages])]
    link = settings.site + urls_of(tenant.name).page(f"link/{secret}")
    company = context.company.name or tenant.name
    send(settings, compose(texts, "reset", person.email or "", person.name, company, link), egress)
    return True
