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

-- The reason of a mart is a code with its numbers: 'names: words', 'words: names' or 'words', several of them joined by '; '.
-- What is printed for the words stands in reports.texts as reasons.WORDS, with # for each number and {1}, {2} ... for them in
-- the text; names are printed as columns.NAME. A piece about names that no report prints is left out.
create macro lake.reason_key(words) as 'reasons.' || regexp_replace(words, '[0-9]+(\.[0-9]+)*', '#', 'g');

-- words without a text stay as they are, so that nothing is lost
create macro lake.reason_text(language, words) as coalesce(
    lake.filled(
        text_of(language, lake.reason_key(words)),
        list_transform(regexp_extract_all(words, '[0-9]+(?:\.[0-9]+)*'), lambda n, i: i || '=' || n)
    ),
    words
);

-- the pieces with `between` between them, which need not be a constant as array_to_string asks; NULL for none
create macro lake.strung(between, pieces) as nullif(
    substr(list_reduce(pieces, lambda done, piece: done || between || piece, ''), length(between) + 1), ''
);

-- the head of a column without its unit
create macro lake.name_text(language, name) as regexp_replace(
    text_of(language, 'columns.' || name), '[,，] ?(%|% a year|pp|points|USD m|USD|百分点|百万美元|美元)$', ''
);

create macro lake.name_texts(language, names) as lake.strung(
    text_of(language, 'notes.and'),
    list_filter(
        list_transform(string_split(names, ', '), lambda name: lake.name_text(language, name)), lambda label: label is not null
    )
);

create macro lake.note_piece(language, piece) as case
    when not contains(piece, ': ') then lake.reason_text(language, piece)
    when text_of(language, lake.reason_key(split_part(piece, ': ', 1))) is not null
        then lake.strung(
            text_of(language, 'notes.and'),
            list_transform(
                string_split(split_part(piece, ': ', 2), ', '), lambda name: coalesce(lake.name_text(language, name), name)
            )
        ) || text_of(language, 'notes.of') || lake.reason_text(language, split_part(piece, ': ', 1))
    else lake.name_texts(language, split_part(piece, ': ', 1)) || text_of(language, 'notes.of') || lake.reason_text(language, split_part(piece, ': ', 2))
end;

-- what is known of `pieces`, with `between` between them; NULL for none
create macro lake.joined_by(between, pieces) as lake.strung(
    between, list_filter(pieces, lambda piece: piece is not null)
);

-- several sentences as one note; NULL for none
create macro lake.joined(language, pieces) as lake.joined_by(text_of(language, 'notes.next'), pieces);

-- of 'words: windows' what is about the windows that a report prints
create macro lake.reason_of_windows(reason, printed) as nullif(
    array_to_string(
        list_filter(
            list_transform(
                string_split(reason, '; '),
                lambda piece: case
                    when not contains(piece, ': ') then piece
                    else split_part(piece, ': ', 1) || ': ' || nullif(
                        array_to_string(
                            list_filter(
                                string_split(split_part(piece, ': ', 2), ', '), lambda name: list_contains(printed, name)
                            ),
                            ', '
                        ),
                        ''
                    )
                end
            ),
            lambda piece: piece is not null
        ),
        '; '
    ),
    ''
);

-- the reason in the language of `texts`; NULL for NULL, and where nothing of it is about a printed column
create macro lake.note(language, reason) as lake.joined(
    language, list_transform(string_split(reason, '; '), lambda piece: lake.note_piece(language, piece))
);

-- what is printed for a key of universes, such as cap:mega or sector:Energy; the key itself where there is no text
create macro lake.universe_label(language, universe) as coalesce(
    case
        when starts_with(universe, 'cap:') then text_of(language, 'names.band.' || substr(universe, 5))
        when starts_with(universe, 'sector:')
            then lake.filled(
                text_of(language, 'names.universe.of_sector'),
                ['sector=' || coalesce(text_of(language, 'names.sector.' || substr(universe, 8)), substr(universe, 8))]
            )
        when starts_with(universe, 'nasdaq_sector:')
            then lake.filled(
                text_of(language, 'names.universe.of_nasdaq_sector'),
                ['sector=' || coalesce(text_of(language, 'names.nasdaq_sector.' || substr(universe, 15)), substr(universe, 15))]
            )
        else text_of(language, 'names.universe.' || universe)
    end,
    universe
);

-- 'unknown' for none: funds and stocks have the sector's name, its text where there is one
create macro lake.sector_label(language, sector) as coalesce(text_of(language, 'names.sector.' || sector), sector);

-- three for 3 and -3
create macro lake.number_word(language, n) as coalesce(
    text_of(language, 'index_statistics.number.' || cast(abs(n) as integer)), cast(cast(abs(n) as integer) as varchar)
);

-- +2.26 points, +0.03 %; 'unchanged' for neither, points alone where the percents round to nil
create macro lake.change_text(language, points, pct) as case
    when round(points, 2) = 0 then text_of(language, 'index_statistics.unchanged')
    when round(pct, 2) = 0 then lake.filled(text_of(language, 'index_statistics.points'), ['points=' || lake.signed(points, 2)])
    else lake.filled(
        text_of(language, 'index_statistics.change'), ['points=' || lake.signed(points, 2), 'pct=' || lake.signed(pct, 2)]
    )
end;

-- up three sessions, +118.75 points, +1.75 %, largest three-session gain since DAY; `since` is the day, 'ever' or NULL for no
-- record. Of a run of one the change stands in the line of its day or week.
create macro lake.run_text(language, kind, n, points, pct, since) as lake.joined_by(
    text_of(language, 'index_statistics.comma'),
    [
        lake.filled(
            text_of(language, 'index_statistics.' || kind || case
                when n = 0 then '.unchanged'
                when n = 1 then '.up_one'
                when n = -1 then '.down_one'
                when n > 0 then '.up'
                when n < 0 then '.down'
            end),
            ['n=' || lake.number_word(language, n)]
        ),
        if(abs(n) > 1, lake.change_text(language, points, pct), null),
        lake.filled(
            text_of(language, 'index_statistics.' || kind || if(n > 0, '.gain', '.loss') || if(since = 'ever', '_ever', '')),
            ['n=' || lake.number_word(language, n), 'day=' || if(round(pct, 2) = 0, null, since)]
        )
    ]
);

-- of a distance from an extreme in percent: at it, near it (rounds to nil), or away from it
create macro lake.distance_code(pct) as case when pct = 0 then 'at' when round(pct, 2) = 0 then 'near' when pct is not null then 'away' end;

-- 'two rows' for 2, with a text of its own for one; NULL for none
create macro lake.counted(language, key, n) as case
    when n = 1 then text_of(language, key || '_one')
    when n > 1 then lake.filled(text_of(language, key), ['n=' || lake.plain(n, 0)])
end;
