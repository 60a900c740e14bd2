/*
description: >
  Splits of stocks that a source gave and that count, on the first session at the new share count; for stocks of which a series has
  unadjusted prices.
grain: instrument_no x seq
materialized: table
publish: false
sessions: [seq, forever]
columns:
  - {name: instrument_no, type: BIGINT, unit: "", description: "Number of the instrument in this build."}
  - {name: seq, type: INTEGER, unit: sessions, description: "First session at the new share count."}
  - {name: numerator, type: BIGINT, unit: shares, description: "New shares."}
  - {name: denominator, type: BIGINT, unit: shares, description: "Old shares."}
*/
select
    instrument_no,
    applied_seq as seq,
    numerator,
    denominator
from intermediate.stated_splits
where instrument_no is not null and applied_seq is not null
order by instrument_no, seq
