-- The functions that reports use to print: every number in a text goes through `signed` or `plain`, every text with
-- {places} through `filled`. They have a typographic minus, commas between thousands, never -0.00, and NULL for NULL. At the
-- end what models share of the markets.

-- 'RUT {spread} pp' with 'spread', '−1.86'
create macro lake.replaced(template, name, value) as replace(template, '{' || name || '}', cast(value as varchar));

-- the same for up to seven names and values; NULL where the text or one of the values is. A list of them and a lambda over it
-- would be shorter to define, and takes far longer to plan and to run.
create macro lake.filled
    (template, name1, value1)
        as lake.replaced(template, name1, value1),
    (template, name1, value1, name2, value2)
        as lake.replaced(lake.replaced(template, name1, value1), name2, value2),
    (template, name1, value1, name2, value2, name3, value3)
        as lake.replaced(lake.replaced(lake.replaced(template, name1, value1), name2, value2), name3, value3),
    (template, name1, value1, name2, value2, name3, value3, name4, value4)
        as lake.replaced(lake.replaced(lake.replaced(lake.replaced(template, name1, value1), name2, value2), name3, value3), name4, value4),
    (template, name1, value1, name2, value2, name3, value3, name4, value4, name5, value5)
        as lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(template, name1, value1), name2, value2), name3, value3), name4, value4), name5, value5),
    (template, name1, value1, name2, value2, name3, value3, name4, value4, name5, value5, name6, value6)
        as lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(template, name1, value1), name2, value2), name3, value3), name4, value4), name5, value5), name6, value6),
    (template, name1, value1, name2, value2, name3, value3, name4, value4, name5, value5, name6, value6, name7, value7)
        as lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(lake.replaced(template, name1, value1), name2, value2), name3, value3), name4, value4), name5, value5), name6, value6), name7, value7);

-- the same for names and values in a list: 'RUT {spread} pp' with ['spread=−1.86']
create macro lake.filled_from(template, given) as list_reduce(
    given,
    lambda done, pair: replace(done, '{' || split_part(pair, '=', 1) || '}', substr(pair, instr(pair, '=') + 1)),
    template
);

-- 1,234.50
create macro lake.plain(x, digits) as replace(
    printf(
        case digits when 0 then '%,.0f' when 1 then '%,.1f' else '%,.2f' end,
        round(cast(x as double), digits) + 0.0
    ),
    '-', '−'
);

-- +1,234.50 and −1,234.50; what rounds to zero has no sign
create macro lake.signed(x, digits) as case
    when round(cast(x as double), digits) = 0 then lake.plain(x, digits)
    else replace(
        printf(case digits when 0 then '%+,.0f' when 1 then '%+,.1f' else '%+,.2f' end, round(cast(x as double), digits)),
        '-', '−'
    )
end;

-- what a column of a report holds: rounded, and 0.0 for what rounds to -0.0
create macro lake.rounded(x, digits) as round(x, digits) + 0.0;

-- January 23, 2026
create macro lake.day_en(d) as strftime(d, '%B %-d, %Y');

-- 2026年1月23日
create macro lake.day_zh(d) as strftime(d, '%Y年%-m月%-d日');

-- what is known of up to six pieces, with `between` between them; NULL for none
create macro lake.joined_by
    (between, piece1) as nullif(concat_ws(between, piece1), ''),
    (between, piece1, piece2) as nullif(concat_ws(between, piece1, piece2), ''),
    (between, piece1, piece2, piece3) as nullif(concat_ws(between, piece1, piece2, piece3), ''),
    (between, piece1, piece2, piece3, piece4) as nullif(concat_ws(between, piece1, piece2, piece3, piece4), ''),
    (between, piece1, piece2, piece3, piece4, piece5) as nullif(concat_ws(between, piece1, piece2, piece3, piece4, piece5), ''),
    (between, piece1, piece2, piece3, piece4, piece5, piece6) as nullif(concat_ws(between, piece1, piece2, piece3, piece4, piece5, piece6), '');

-- 'unknown' for none: funds and stocks have the sector's name, its text where there is one
create macro lake.sector_label(language, sector) as coalesce(text_of(language, 'names.sector.' || sector), sector);

-- of sectors that share a place the name of one, both names of two, else the first and how many others; NULL for none
create macro lake.sector_names(language, sectors) as lake.filled(
    case len(sectors)
        when 1 then '{first}'
        when 2 then text_of(language, 'headline.two')
        else text_of(language, 'headline.and_others')
    end,
    'first', lake.sector_label(language, sectors[1]), 'second', coalesce(lake.sector_label(language, sectors[2]), ''),
    'n', len(sectors) - 1
);

-- three for 3 and -3
create macro lake.number_word(language, n) as coalesce(
    text_of(language, 'index_statistics.number.' || cast(abs(n) as integer)), cast(cast(abs(n) as integer) as varchar)
);

-- +2.26 points, +0.03 %; 'unchanged' for neither, points alone where the percents round to nil
create macro lake.change_text(language, points, pct) as case
    when round(points, 2) = 0 then text_of(language, 'index_statistics.unchanged')
    when round(pct, 2) = 0 then lake.filled(text_of(language, 'index_statistics.points'), 'points', lake.signed(points, 2))
    else lake.filled(
        text_of(language, 'index_statistics.change'), 'points', lake.signed(points, 2), 'pct', lake.signed(pct, 2)
    )
end;

-- up three sessions, +118.75 points, +1.75 %, largest three-session gain since DAY; `since` is the day, 'ever' or NULL for no
-- record. Of a run of one the change stands in the line of its day or week.
create macro lake.run_text(language, kind, n, points, pct, since) as lake.joined_by(
    text_of(language, 'index_statistics.comma'),
    lake.filled(
        text_of(language, 'index_statistics.' || kind || case
            when n = 0 then '.unchanged'
            when n = 1 then '.up_one'
            when n = -1 then '.down_one'
            when n > 0 then '.up'
            when n < 0 then '.down'
        end),
        'n', lake.number_word(language, n)
    ),
    if(abs(n) > 1, lake.change_text(language, points, pct), null),
    lake.filled(
        text_of(language, 'index_statistics.' || kind || if(n > 0, '.gain', '.loss') || if(since = 'ever', '_ever', '')),
        'n', lake.number_word(language, n), 'day', if(round(pct, 2) = 0, null, since)
    )
);

-- of a distance from an extreme in percent: at it, near it (rounds to nil), or away from it
create macro lake.distance_code(pct) as case when pct = 0 then 'at' when round(pct, 2) = 0 then 'near' when pct is not null then 'away' end;

-- 'two rows' for 2, with a text of its own for one; NULL for none
create macro lake.counted(language, key, n) as case
    when n = 1 then text_of(language, key || '_one')
    when n > 1 then lake.filled(text_of(language, key), 'n', lake.plain(n, 0))
end;

-- an index of what options cost: it may double in a day, and moves when prices stand still
create macro lake.is_volatility_index(symbol) as symbol in ('VIX', 'VXN', 'VXD', 'RVX', 'VVIX');
