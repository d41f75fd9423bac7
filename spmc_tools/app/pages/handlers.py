"""Which address is which page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmc_tools.app.pages.act_page import ActRoomPage, DoAct, MadeFile, SaveTable
from spmc_tools.app.pages.act_rooms import ROOMS
from spmc_tools.app.pages.bring_page import BringFile, BringPage
from spmc_tools.app.pages.case_page import CasePage, Home, Language, State
from spmc_tools.app.pages.investigate_page import InvestigatePage, StopJob
from spmc_tools.app.pages.network_page import NetworkAct, NetworkPage
from spmc_tools.app.pages.report_page import AccountPage, DesksPage, OpenReport, ReportPage
from spmc_tools.app.pages.static_files import Letters, Static

if TYPE_CHECKING:
    from spmc_tools.app.pages.secure_handler import SecureHandler

__all__ = ["HANDLERS"]

HANDLERS: list[tuple[str, type[SecureHandler]]] = [
    (r"/", Home),
    (r"/case", CasePage),
    (r"/bring", BringPage),
    (r"/bring/file", BringFile),
    (r"/investigate", InvestigatePage),
    (r"/network", NetworkPage),
    (r"/network/act", NetworkAct),
    (r"/account", AccountPage),
    (r"/report", ReportPage),
    (r"/desks", DesksPage),
    (rf"/({'|'.join(ROOMS)})", ActRoomPage),
    (r"/act/([a-z_]+)", DoAct),
    (r"/save/([a-z]+)/([a-z]+)", SaveTable),
    (r"/made/([^/]+)/([^/]+)", MadeFile),
    (r"/language", Language),
    (r"/state", State),
    (r"/jobs/stop", StopJob),
    (r"/reports/([^/]+)/([^/]+)/([^/]+)", OpenReport),
    (r"/static/devanagari.ttf", Letters),
    (r"/static/([a-z_]+\.(?:js|css))", Static),
]
