/*
description: Analysts' grades as firms spell them, with the level that each stands for.
grain: spelling
materialized: view
publish: false
columns:
  - {name: spelling, type: VARCHAR, unit: "", description: "Grade in a firm's words."}
  - {name: level, type: VARCHAR, unit: "", description: "The level."}
*/
select
    spelling,
    level
from lake.grades
