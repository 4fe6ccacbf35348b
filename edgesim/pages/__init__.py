"""Results as pages: one file that opens in any browser, asks nothing of any network, and can be shared and printed."""

from edgesim.pages.saving import check_page, save_results, save_validation

__all__ = ["check_page", "save_results", "save_validation"]
