"""Which XBRL tags of the SEC's filings stand for our concepts, and in which units."""

from __future__ import annotations

import re

# What stands for each concept, best first. A filing that uses two of them for one period is read by the better one;
# where a company moves from one tag to another the filings follow each other without a gap.
CONCEPTS: dict[str, tuple[tuple[str, str], ...]] = {
    "revenue": (
        ("us-gaap", "Revenues"),
        ("us-gaap", "RevenueFromContractWithCustomerExcludingAssessedTax"),
        ("us-gaap", "RevenueFromContractWithCustomerIncludingAssessedTax"),
        ("us-gaap", "SalesRevenueNet"),
        ("us-gaap", "RevenuesNetOfInterestExpense"),
        ("us-gaap", "SalesRevenueGoodsNet"),
        ("us-gaap", "SalesRevenueServicesNet"),
        ("ifrs-full", "Revenue"),
        ("ifrs-full", "RevenueFromContractsWithCustomers"),
    ),
    "eps_diluted": (
        ("us-gaap", "EarningsPerShareDiluted"),
        ("us-gaap", "EarningsPerShareBasicAndDiluted"),
        ("ifrs-full", "DilutedEarningsLossPerShare"),
        ("ifrs-full", "BasicAndDilutedEarningsLossPerShare"),
    ),
    "net_income": (
        ("us-gaap", "NetIncomeLoss"),
        ("us-gaap", "ProfitLoss"),
        ("us-gaap", "NetIncomeLossAvailableToCommonStockholdersBasic"),
        ("ifrs-full", "ProfitLossAttributableToOwnersOfParent"),
        ("ifrs-full", "ProfitLoss"),
    ),
    "shares_diluted": (
        ("us-gaap", "WeightedAverageNumberOfDilutedSharesOutstanding"),
        ("us-gaap", "WeightedAverageNumberOfShareOutstandingBasicAndDiluted"),
        ("ifrs-full", "AdjustedWeightedAverageShares"),
    ),
    "shares_outstanding": (
        ("dei", "EntityCommonStockSharesOutstanding"),
        ("us-gaap", "CommonStockSharesOutstanding"),
        ("ifrs-full", "NumberOfSharesOutstanding"),
    ),
}
CURRENCY = re.compile(r"^[A-Z]{3}$")


def fits_unit(concept: str, unit: str) -> bool:
    """Whether figures of `concept` can be in `unit`: money, money a share, or shares."""
    if concept in ("revenue", "net_income"):
        return bool(CURRENCY.match(unit))
    if concept == "eps_diluted":
        money, _, per = unit.partition("/")
        return bool(CURRENCY.match(money)) and per == "shares"
    return unit == "shares"
