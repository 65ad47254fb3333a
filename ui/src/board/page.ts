// Boards and calendars: cards are dragged, or moved by the dialog behind their button. The server writes the record and
// answers with the page's new parts; what it refuses goes back to where it was.
import "./cards";
import "./days";
