"""The table of addresses: method, path, handler, and who may ask.

`open` pages need no session; everything else needs one. A test lists every row with its access rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from werkzeug.wrappers import Response

from fieldstone.ui import documents, errors, home, palette, password, sign_in
from fieldstone.ui.admin import (
    account,
    audit,
    automations,
    company,
    forgot,
    jobs,
    leaving,
    mail,
    overview,
    people,
    roles,
    teams,
    telling,
    webhooks,
)
from fieldstone.ui.admin import approvals as stuck
from fieldstone.ui.alike import convert, look, merge
from fieldstone.ui.alike import report as alike_report
from fieldstone.ui.approvals import inbox, link, simulation, submit, task, trail
from fieldstone.ui.approvals import moving as moving_runs
from fieldstone.ui.boards import move as board_move
from fieldstone.ui.boards import screen as board
from fieldstone.ui.bulk import edit as bulk_edit
from fieldstone.ui.bulk import run as bulk_run
from fieldstone.ui.calendars import screen as calendar
from fieldstone.ui.filters import panel as filters
from fieldstone.ui.forms import lookup, regions, save
from fieldstone.ui.forms import screen as form
from fieldstone.ui.imports import begin, draft, runs, spreadsheet
from fieldstone.ui.imports import saved as imports_saved
from fieldstone.ui.lists import cells, delete, export, move, saving, screen
from fieldstone.ui.notifications import bell, unsubscribe
from fieldstone.ui.notifications import page as notices
from fieldstone.ui.notifications import preferences as notice_preferences
from fieldstone.ui.records import acting, why
from fieldstone.ui.records import page as record
from fieldstone.ui.studio import arrange, new_field, published
from fieldstone.ui.studio import home as studio
from fieldstone.ui.trees import screen as tree

Handler = Callable[..., Response]
"""Called with the visit and the variables of the path."""


@dataclass(frozen=True, slots=True)
class Route:
    method: Literal["GET", "POST"]
    path: str
    handler: Handler
    access: Literal["open", "session"] = "session"


ROUTES: tuple[Route, ...] = (
    Route("GET", "/", sign_in.choose, "open"),
    Route("POST", "/", sign_in.chosen, "open"),
    Route("GET", "/t/<tenant>/sign-in", sign_in.ask, "open"),
    Route("POST", "/t/<tenant>/sign-in", sign_in.enter, "open"),
    Route("POST", "/t/<tenant>/sign-out", sign_in.leave),
    Route("GET", "/t/<tenant>/link/<secret>", password.ask_by_link, "open"),
    Route("POST", "/t/<tenant>/link/<secret>", password.redeem, "open"),
    Route("GET", "/t/<tenant>/password", password.ask),
    Route("POST", "/t/<tenant>/password", password.change),
    Route("GET", "/t/<tenant>/", home.show),
    Route("GET", "/t/<tenant>/palette", palette.find),
    Route("GET", "/t/<tenant>/documents", documents.show),
    Route("GET", "/t/<tenant>/inbox", inbox.show),
    Route("POST", "/t/<tenant>/inbox/decide", inbox.decide),
    Route("GET", "/t/<tenant>/inbox/<uuid:task_id>", task.show),
    Route("POST", "/t/<tenant>/inbox/<uuid:task_id>/<action>", task.act),
    Route("GET", "/t/<tenant>/decide/<token>", link.show, "open"),
    Route("POST", "/t/<tenant>/decide/<token>", link.decide, "open"),
    Route("GET", "/t/<tenant>/approvals/<uuid:run_id>", trail.show),
    Route("POST", "/t/<tenant>/approvals/<uuid:run_id>/withdraw", trail.withdraw),
    Route("POST", "/t/<tenant>/approvals/<uuid:run_id>/urge", trail.urge),
    Route("POST", "/t/<tenant>/approvals/<uuid:run_id>/comment", trail.comment),
    Route("POST", "/t/<tenant>/e/<entity>/approval-path", submit.path),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/submit", submit.ask),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/submit", submit.send),
    Route("GET", "/t/<tenant>/admin/approvals", stuck.show),
    Route("POST", "/t/<tenant>/admin/approvals/<uuid:run_id>", stuck.mend),
    Route("GET", "/t/<tenant>/admin/approvals/older", moving_runs.show),
    Route("POST", "/t/<tenant>/admin/approvals/older", moving_runs.move),
    Route("GET", "/t/<tenant>/admin/approvals/trial", simulation.show),
    Route("POST", "/t/<tenant>/admin/approvals/trial", simulation.tried),
    Route("GET", "/t/<tenant>/e/<entity>", screen.show),
    Route("GET", "/t/<tenant>/e/<entity>/views", saving.ask),
    Route("POST", "/t/<tenant>/e/<entity>/views", saving.save),
    Route("POST", "/t/<tenant>/e/<entity>/views/default", saving.choose_default),
    Route("POST", "/t/<tenant>/e/<entity>/views/<name>", saving.change),
    Route("GET", "/t/<tenant>/e/<entity>/filter", filters.show),
    Route("GET", "/t/<tenant>/e/<entity>/filter/row", filters.row),
    Route("GET", "/t/<tenant>/e/<entity>/filter/apply", filters.apply),
    Route("POST", "/t/<tenant>/e/<entity>/delete", delete.remove),
    Route("POST", "/t/<tenant>/e/<entity>/restore", delete.bring_back),
    Route("POST", "/t/<tenant>/e/<entity>/bulk/ask", bulk_edit.ask),
    Route("GET", "/t/<tenant>/e/<entity>/bulk/control", bulk_edit.control),
    Route("POST", "/t/<tenant>/e/<entity>/bulk", bulk_edit.start),
    Route("GET", "/t/<tenant>/e/<entity>/bulk/<uuid:run_id>", bulk_run.progress),
    Route("POST", "/t/<tenant>/e/<entity>/bulk/<uuid:run_id>/stop", bulk_run.stop),
    Route("POST", "/t/<tenant>/e/<entity>/bulk/<uuid:run_id>/undo", bulk_run.undo),
    Route("GET", "/t/<tenant>/e/<entity>/export", export.download),
    Route("GET", "/t/<tenant>/e/<entity>/duplicates", alike_report.show),
    Route("POST", "/t/<tenant>/e/<entity>/duplicates/look", look.look),
    Route("GET", "/t/<tenant>/e/<entity>/merge/begin", merge.begin),
    Route("GET", "/t/<tenant>/e/<entity>/merge", merge.ask),
    Route("POST", "/t/<tenant>/e/<entity>/merge", merge.join),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/unmerge", merge.part),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/act", acting.ask),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/transition", acting.take),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/press", acting.push),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/convert/<name>", convert.ask),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/convert/<name>", convert.run),
    Route("GET", "/t/<tenant>/e/<entity>/cards", board.cards),
    Route("GET", "/t/<tenant>/e/<entity>/children", tree.children),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/move", board_move.move),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/reschedule", calendar.move),
    Route("GET", "/t/<tenant>/e/<entity>/import", begin.show),
    Route("POST", "/t/<tenant>/e/<entity>/import", begin.upload),
    Route("GET", "/t/<tenant>/e/<entity>/import/values", draft.find_values),
    Route("GET", "/t/<tenant>/e/<entity>/import/<uuid:run_id>", runs.show),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/read", draft.reread),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/check", draft.check),
    Route("GET", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/trial/<uuid:trial_id>", draft.trial),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/trial/<uuid:trial_id>/stop", draft.stop_trial),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/start", draft.start),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/discard", draft.discard),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/keep", imports_saved.keep),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/forget", imports_saved.forget),
    Route("GET", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/progress", runs.progress),
    Route("GET", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/errors.csv", runs.errors),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/stop", runs.stop),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/go-on", runs.go_on),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/revert", runs.revert),
    Route("POST", "/t/<tenant>/e/<entity>/import/<uuid:run_id>/again", runs.again),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/cell/<field>", cells.edit),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/cell/<field>", cells.save),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/move/<field>", move.move),
    Route("GET", "/t/<tenant>/e/<entity>/new", form.create),
    Route("POST", "/t/<tenant>/e/<entity>/save", save.create),
    Route("GET", "/t/<tenant>/e/<entity>/lookup", lookup.find),
    Route("GET", "/t/<tenant>/regions/<country>", regions.parts),
    Route("GET", "/t/<tenant>/e/<entity>/why", why.show),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>", record.show),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/edit", form.edit),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/save", save.update),
    Route("POST", "/t/<tenant>/e/<entity>/<uuid:record_id>/delete", record.remove),
    Route("GET", "/t/<tenant>/e/<entity>/<uuid:record_id>/history", record.history),
    Route("POST", "/t/<tenant>/upload", lookup.upload),
    Route("GET", "/t/<tenant>/studio", studio.show),
    Route("GET", "/t/<tenant>/studio/spreadsheet", spreadsheet.show),
    Route("POST", "/t/<tenant>/studio/spreadsheet", spreadsheet.upload),
    Route("GET", "/t/<tenant>/studio/spreadsheet/<uuid:run_id>", spreadsheet.open_one),
    Route("POST", "/t/<tenant>/studio/spreadsheet/<uuid:run_id>/change", spreadsheet.change),
    Route("POST", "/t/<tenant>/studio/spreadsheet/<uuid:run_id>/apply", spreadsheet.apply),
    Route("POST", "/t/<tenant>/studio/spreadsheet/<uuid:run_id>/discard", spreadsheet.discard),
    Route("GET", "/t/<tenant>/studio/spreadsheet/<uuid:run_id>/progress", spreadsheet.progress),
    Route("POST", "/t/<tenant>/studio/discard", studio.discard),
    Route("POST", "/t/<tenant>/studio/publish", studio.publish_drafts),
    Route("GET", "/t/<tenant>/studio/revisions/<int:number>", studio.ask_back),
    Route("POST", "/t/<tenant>/studio/revisions/<int:number>", studio.go_back),
    Route("POST", "/t/<tenant>/studio/undo", published.undo),
    Route("GET", "/t/<tenant>/studio/form/<entity>", arrange.show),
    Route("POST", "/t/<tenant>/studio/form/<entity>/plan", arrange.plan),
    Route("POST", "/t/<tenant>/studio/form/<entity>/preview", arrange.preview),
    Route("POST", "/t/<tenant>/studio/form/<entity>/save", arrange.save),
    Route("GET", "/t/<tenant>/studio/field/<entity>", new_field.ask),
    Route("POST", "/t/<tenant>/studio/field/<entity>/plan", new_field.plan),
    Route("POST", "/t/<tenant>/studio/field/<entity>/save", new_field.save),
    Route("GET", "/t/<tenant>/forgot", forgot.ask, "open"),
    Route("POST", "/t/<tenant>/forgot", forgot.send, "open"),
    Route("GET", "/t/<tenant>/logo", company.logo),
    Route("GET", "/t/<tenant>/notifications", notices.show),
    Route("GET", "/t/<tenant>/notifications/count", bell.count, "open"),
    Route("POST", "/t/<tenant>/notifications/read", notices.read),
    Route("GET", "/t/<tenant>/notifications/<uuid:notification_id>/open", notices.open_one),
    Route("GET", "/t/<tenant>/account/notifications", notice_preferences.show),
    Route("POST", "/t/<tenant>/account/notifications", notice_preferences.save),
    Route("GET", "/t/<tenant>/unsubscribe/<token>", unsubscribe.ask, "open"),
    Route("POST", "/t/<tenant>/unsubscribe/<token>", unsubscribe.end, "open"),
    Route("GET", "/t/<tenant>/account", account.show),
    Route("POST", "/t/<tenant>/account", account.prefer),
    Route("POST", "/t/<tenant>/account/sessions/<uuid:session_id>/end", account.end_session),
    Route("POST", "/t/<tenant>/account/keys", account.make_key),
    Route("POST", "/t/<tenant>/account/keys/<uuid:key_id>/revoke", account.drop_key),
    Route("GET", "/t/<tenant>/admin", overview.show),
    Route("POST", "/t/<tenant>/admin/demo/remove", overview.take_demo_away),
    Route("GET", "/t/<tenant>/admin/company", company.show),
    Route("POST", "/t/<tenant>/admin/company", company.save),
    Route("POST", "/t/<tenant>/admin/company/logo/remove", company.forget_logo),
    Route("GET", "/t/<tenant>/admin/people", people.show),
    Route("POST", "/t/<tenant>/admin/people", people.invite),
    Route("GET", "/t/<tenant>/admin/people/new", people.ask),
    Route("GET", "/t/<tenant>/admin/people/<uuid:user_id>", people.show_one),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>", people.save),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>/roles", people.give),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>/roles/take", people.take),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>/enable", people.enable),
    Route("GET", "/t/<tenant>/admin/people/<uuid:user_id>/disable", leaving.ask),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>/disable", leaving.leave),
    Route("POST", "/t/<tenant>/admin/people/<uuid:user_id>/link", people.make_link),
    Route("GET", "/t/<tenant>/admin/teams", teams.show),
    Route("POST", "/t/<tenant>/admin/teams", teams.add),
    Route("GET", "/t/<tenant>/admin/teams/new", teams.ask),
    Route("GET", "/t/<tenant>/admin/teams/<uuid:team_id>", teams.show_one),
    Route("POST", "/t/<tenant>/admin/teams/<uuid:team_id>", teams.save),
    Route("GET", "/t/<tenant>/admin/roles", roles.show),
    Route("GET", "/t/<tenant>/admin/roles/<role>", roles.show_one),
    Route("GET", "/t/<tenant>/admin/mail", mail.show),
    Route("POST", "/t/<tenant>/admin/mail", mail.save),
    Route("POST", "/t/<tenant>/admin/mail/test", mail.test),
    Route("POST", "/t/<tenant>/admin/mail/remove", mail.forget),
    Route("GET", "/t/<tenant>/admin/automations", automations.show),
    Route("GET", "/t/<tenant>/admin/automations/<name>", automations.show_one),
    Route("POST", "/t/<tenant>/admin/automations/<name>/secret", automations.renew_secret),
    Route("POST", "/t/<tenant>/admin/automations/<name>/runs/<uuid:run_id>/retry", automations.again),
    Route("GET", "/t/<tenant>/admin/notifications", telling.show),
    Route("POST", "/t/<tenant>/admin/notifications", telling.save),
    Route("GET", "/t/<tenant>/admin/notifications/rooms/new", telling.ask_room),
    Route("POST", "/t/<tenant>/admin/notifications/rooms", telling.save_room),
    Route("GET", "/t/<tenant>/admin/notifications/rooms/<uuid:channel_id>", telling.show_room),
    Route("POST", "/t/<tenant>/admin/notifications/rooms/<uuid:channel_id>", telling.save_room),
    Route("POST", "/t/<tenant>/admin/notifications/rooms/<uuid:channel_id>/test", telling.test_room),
    Route("POST", "/t/<tenant>/admin/notifications/rooms/<uuid:channel_id>/remove", telling.drop_room),
    Route("GET", "/t/<tenant>/admin/webhooks", webhooks.show),
    Route("POST", "/t/<tenant>/admin/webhooks", webhooks.save),
    Route("GET", "/t/<tenant>/admin/webhooks/new", webhooks.ask),
    Route("GET", "/t/<tenant>/admin/webhooks/<uuid:hook_id>", webhooks.show_one),
    Route("POST", "/t/<tenant>/admin/webhooks/<uuid:hook_id>", webhooks.save),
    Route("POST", "/t/<tenant>/admin/webhooks/<uuid:hook_id>/test", webhooks.test),
    Route("POST", "/t/<tenant>/admin/webhooks/<uuid:hook_id>/remove", webhooks.drop),
    Route("POST", "/t/<tenant>/admin/webhooks/<uuid:hook_id>/events/<uuid:event_id>/replay", webhooks.again),
    Route("GET", "/t/<tenant>/admin/audit", audit.show),
    Route("GET", "/t/<tenant>/admin/jobs", jobs.show),
    Route("POST", "/t/<tenant>/admin/jobs/replay", jobs.all_again),
    Route("POST", "/t/<tenant>/admin/jobs/<uuid:job_id>/replay", jobs.again),
    Route("POST", "/t/<tenant>/admin/jobs/<uuid:job_id>/stop", jobs.end),
    Route("GET", "/t/<tenant>/<path:rest>", errors.missing),
)
