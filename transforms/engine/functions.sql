-- The functions that reports use to print: every number in a text goes through `signed` or `plain`, every text with
-- {places} through `filled`. They have a typographic minus, commas between thousands, never -0.00, and NULL for NULL.

-- 'RUT {spread} pp' with ['spread=−1.86']; NULL where the text or one of the values is
create macro lake.filled(template, given) as list_reduce(
    given,
    lambda done, pair: replace(done, '{' || split_part(pair, '=', 1) || '}', substr(pair, instr(pair, '=') + 1)),
    template
);

-- +1,234.50: always with its sign
create macro lake.signed(x, digits) as replace(
    printf(
        case digits when 0 then '%+,.0f' when 1 then '%+,.1f' else '%+,.2f' end,
        round(cast(x as double), digits) + 0.0
    ),
    '-', '−'
);

-- 1,234.50
create macro lake.plain(x, digits) as replace(
    printf(
        case digits when 0 then '%,.0f' when 1 then '%,.1f' else '%,.2f' end,
        round(cast(x as double), digits) + 0.0
    ),
    '-', '−'
);

-- what a column of a report holds: rounded, and 0.0 for what rounds to -0.0
create macro lake.rounded(x, digits) as round(x, digits) + 0.0;

-- January 23, 2026
create macro lake.day_en(d) as strftime(d, '%B %-d, %Y');

-- 2026年1月23日
create macro lake.day_zh(d) as strftime(d, '%Y年%-m月%-d日');
