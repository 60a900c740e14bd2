"""What a figure can be of: indices, sectors and their funds, sets of stocks, single stocks, the market; with their names."""

from __future__ import annotations

from dataclasses import dataclass

INDEX = "index"
PAIR = "pair"
SECTOR = "sector"
FUND = "fund"
UNIVERSE = "universe"
STOCK = "stock"
MARKET = "market"


@dataclass(frozen=True)
class Entity:
    """`id` is unique and names its kind where the kind is not plain: RUT, RUT-SPX, sector:Energy, fund:XLE, cap:mid, stock:AMAT."""

    id: str
    kind: str

    @property
    def name(self) -> str:
        """The id as the warehouse spells it in a key column: without the kind, bands and sectors of stocks with theirs."""
        return self.id.partition(":")[2] if self.kind in (SECTOR, FUND, STOCK) else self.id

    @property
    def lead_and_base(self) -> tuple[str, str]:
        """Lead and base of a pair."""
        lead, _, base = self.id.partition("-")
        return lead, base


def pair_entity(lead: Entity, base: Entity) -> Entity:
    """Lead minus base, both indices."""
    return Entity(f"{lead.id}-{base.id}", PAIR)


def reversed_pair(entity: Entity) -> Entity:
    """The pair the other way round: SPX-RUT of RUT-SPX."""
    lead, base = entity.lead_and_base
    return Entity(f"{base}-{lead}", PAIR)


def stock_entity(symbol: str) -> Entity:
    """A stock by its symbol in canonical form."""
    return Entity(f"stock:{symbol}", STOCK)


THE_MARKET = Entity("market", MARKET)

# Index ids with the names under which papers write of them, English and Chinese.
_INDICES: dict[str, tuple[str, ...]] = {
    "SPX": (
        "S&P 500",
        "S&P500",
        "SP500",
        "S and P 500",
        "S&P 500 index",
        "标普500",
        "标普500指数",
        "标准普尔500",
        "标准普尔500指数",
    ),
    "COMP": (
        "Nasdaq Composite",
        "Nasdaq Comp",
        "Nasdaq",
        "IXIC",
        "纳斯达克综合指数",
        "纳斯达克综指",
        "纳指",
        "纳斯达克指数",
    ),
    "DJI": (
        *("Dow Jones Industrial Average", "Dow Jones", "Dow Industrials", "Dow", "DJIA"),
        *("道琼斯工业平均指数", "道琼斯指数", "道琼斯工业指数", "道指", "道琼斯"),
    ),
    "RUT": (
        "Russell 2000",
        "Russell2000",
        "Russell 2000 index",
        "small caps",
        "small-caps",
        "罗素2000",
        "罗素2000指数",
        "小盘股",
    ),
    "NDX": ("Nasdaq 100", "Nasdaq-100", "纳斯达克100", "纳斯达克100指数", "纳指100"),
    "MID": ("S&P MidCap 400", "S&P 400", "标普中盘400", "标普400"),
    "SML": ("S&P SmallCap 600", "S&P 600", "标普小盘600", "标普600"),
    "RUI": ("Russell 1000", "罗素1000", "罗素1000指数"),
    "RUA": ("Russell 3000", "罗素3000", "罗素3000指数"),
    "VIX": ("Cboe Volatility Index", "volatility index", "fear gauge", "恐慌指数", "VIX指数", "波动率指数"),
}

# GICS sectors: the fund that stands for each, its names, those of the other taxonomy, and Chinese ones.
_SECTORS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Materials": ("XLB", ("Basic Materials", "原材料", "材料", "基础材料", "基础原材料")),
    "Communication Services": ("XLC", ("Communications", "Telecommunications", "通信服务", "通讯服务", "电信服务")),
    "Energy": ("XLE", ("能源",)),
    "Financials": ("XLF", ("Financial Services", "Financial", "金融服务", "金融")),
    "Industrials": ("XLI", ("Industrial", "工业")),
    "Information Technology": ("XLK", ("Technology", "Tech", "信息技术", "科技")),
    "Consumer Staples": ("XLP", ("Staples", "Consumer Defensive", "必需消费", "必需消费品", "日常消费品", "日常消费")),
    "Real Estate": ("XLRE", ("房地产",)),
    "Utilities": ("XLU", ("公用事业",)),
    "Health Care": ("XLV", ("Healthcare", "医疗保健", "医疗", "医药", "医药保健")),
    "Consumer Discretionary": ("XLY", ("Discretionary", "Consumer Cyclical", "可选消费", "可选消费品", "非必需消费品")),
}

_UNIVERSES: dict[str, tuple[str, ...]] = {
    "all": ("all stocks", "US stocks", "the whole market", "全市场", "全部股票", "美股"),
    "sp500": ("S&P 500 members", "S&P 500 stocks", "标普500成分股", *_INDICES["SPX"]),
    "russell2000": ("Russell 2000 members", "Russell 2000 stocks", "罗素2000成分股", *_INDICES["RUT"]),
    # the list of today, whoever was a member then
    "sp500_list": (),
    "cap:micro": ("micro caps", "micro-caps", "微盘股"),
    # of these names the Russell 2000 and the set of its members are the first meaning
    "cap:small": ("small caps", "small-caps", "小盘股", "small band", "0.5 to 2 billion", "市值5亿至20亿美元"),
    "cap:mid": ("mid caps", "mid-caps", "中盘股"),
    "cap:upper_mid": ("upper mid caps", "upper-mid caps", "中大盘股"),
    "cap:large": ("large caps", "large-caps", "大盘股"),
    "cap:mega": ("mega caps", "mega-caps", "megacaps", "超大盘股", "超大市值股"),
    "cap:unknown": (),
    **{
        f"nasdaq_sector:{name}": ()
        for name in (
            *("Basic Materials", "Consumer Discretionary", "Consumer Staples", "Energy", "Finance", "Health Care"),
            *(
                "Industrials",
                "Miscellaneous",
                "Real Estate",
                "Technology",
                "Telecommunications",
                "Utilities",
                "unknown",
            ),
        )
    },
}


def _entity_catalogue() -> tuple[dict[str, Entity], dict[str, tuple[Entity, ...]]]:
    entities: dict[str, Entity] = {"market": THE_MARKET}
    names: dict[str, list[Entity]] = {}

    def add_entity(entity: Entity, spellings: tuple[str, ...]) -> None:
        entities[entity.id] = entity
        for spelling in spellings:
            known = names.setdefault(spelling.casefold(), [])
            if entity not in known:
                known.append(entity)

    for index_id, spellings in _INDICES.items():
        add_entity(Entity(index_id, INDEX), (index_id, *spellings))
    for sector, (fund, spellings) in _SECTORS.items():
        add_entity(Entity(f"sector:{sector}", SECTOR), (f"sector:{sector}", sector, *spellings))
        add_entity(Entity(f"fund:{fund}", FUND), (fund, f"fund:{fund}", f"{fund} ETF"))
    for universe, spellings in _UNIVERSES.items():
        add_entity(Entity(universe, UNIVERSE), (universe, *spellings))
    for spelling in ("market", "US", "FED", "Federal Reserve", "美联储", "美国"):
        add_entity(THE_MARKET, (spelling,))
    return entities, {name: tuple(found) for name, found in names.items()}


ENTITIES, NAMES = _entity_catalogue()
FUND_OF_SECTOR = {sector: fund for sector, (fund, _) in _SECTORS.items()}
# sets of stocks that are the members of an index
INDEX_OF_MEMBERS = {"sp500": "SPX", "sp500_list": "SPX", "russell2000": "RUT"}
SECTOR_OF_FUND = {fund: sector for sector, fund in FUND_OF_SECTOR.items()}


def entities_named(name: str) -> tuple[Entity, ...]:
    """The entities that `name` may mean, () where it is none of the catalogue. `sector:Basic Materials` means Materials."""
    plain = " ".join(name.split()).casefold()
    found = NAMES.get(plain, ())
    if not found and plain.startswith("sector:"):
        found = tuple(
            entity for entity in NAMES.get(plain.removeprefix("sector:").strip(), ()) if entity.kind == SECTOR
        )
    if not found and plain.startswith("stock:"):
        found = (stock_entity(name.partition(":")[2].strip().upper()),)
    return found
