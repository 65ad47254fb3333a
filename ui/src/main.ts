// The scripts of every page: the shell, the palette, toasts and lists. Each island finds its own elements and
// works on content that htmx brings later, because it listens on the document.
import "./http";
import "./shell";
import "./dialogs";
import "./toasts";
import "./palette";
import "./list/selection";
import "./list/keys";
import "./list/cells";
import "./list/columns";
import "./list/filters";
import "./list/move";
import "./list/remove";
import "./list/tree";
import "./list/pick";
import "./list/bulk";
import "./list/sending";
import "./form";
import "./studio/new_field";
import "./approvals";
