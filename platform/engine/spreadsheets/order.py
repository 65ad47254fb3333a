"""The order in which sheets are imported: what is linked to first, so that links find their records."""

from fieldstone.engine.spreadsheets.proposal import Proposal, SheetProposal


def in_order(proposal: Proposal) -> list[SheetProposal]:
    """The sheets that are used; where links lead in a circle, as they stand in the file."""
    left = list(proposal.used())
    done: list[SheetProposal] = []
    while left:
        waiting = {sheet.sheet for sheet in left}
        ready = [sheet for sheet in left if not _targets(sheet) & (waiting - {sheet.sheet})]
        for sheet in ready or left[:1]:
            done.append(sheet)
            left.remove(sheet)
    return done


def _targets(sheet: SheetProposal) -> set[str]:
    return {column.target for column in sheet.used() if column.type == "link" and column.target}
