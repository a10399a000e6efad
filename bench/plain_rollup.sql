-- The whole history in plain SQL, as a developer would write it who needs no marks, no
-- locks, no registry and no second database: one scan grouped by month, branch and
-- programme, joined with each branch's ancestors in the tree of the month, added up
-- with all measures side by side, and unpivoted last. It fills tables of the same
-- shape, with the same keys and indexes.
WITH RECURSIVE lineage AS (
    SELECT branch_id, branch_id AS ancestor_id, parent_id, from_month, until_month
    FROM federation_placement
    UNION ALL
    SELECT l.branch_id, p.branch_id, p.parent_id,
        GREATEST(l.from_month, p.from_month), LEAST(l.until_month, p.until_month)
    FROM lineage l JOIN federation_placement p ON p.branch_id = l.parent_id
        AND p.from_month < l.until_month AND p.until_month > l.from_month
), counted AS (
    SELECT date_trunc('month', starts_on)::date AS month, branch_id, programme_id,
        COUNT(*) AS sessions,
        SUM(COALESCE(attendance_offline, 0)) AS offline,
        SUM(COALESCE(attendance_online, 0)) AS online,
        SUM(COALESCE(children_count, 0)) AS children
    FROM activities_activity
    WHERE happening = 'held' AND result_approved_at IS NOT NULL
        AND review <> 'withdrawn'
        AND (attendance_offline IS NOT NULL OR attendance_online IS NOT NULL)
        AND starts_on >= %(first)s AND starts_on < %(end)s
    GROUP BY 1, 2, 3
), added AS (
    SELECT month, ancestor_id, programme_id,
        SUM(sessions) AS sessions, SUM(offline) AS offline, SUM(online) AS online,
        SUM(children) AS children,
        SUM(sessions) FILTER (WHERE ancestor_id = branch_id) AS own_sessions,
        SUM(offline) FILTER (WHERE ancestor_id = branch_id) AS own_offline,
        SUM(online) FILTER (WHERE ancestor_id = branch_id) AS own_online,
        SUM(children) FILTER (WHERE ancestor_id = branch_id) AS own_children
    FROM counted JOIN lineage USING (branch_id)
    WHERE from_month <= month AND until_month > month
    GROUP BY month, ancestor_id, programme_id
), keys AS (
    INSERT INTO plain_keys (indicator, month, branch_id, programme_id, key)
    SELECT 'activities.active_branches', month, branch_id, programme_id, branch_id
    FROM counted
)
INSERT INTO plain_rollup (indicator, month, branch_id, programme_id, own, total)
SELECT each.indicator, month, ancestor_id, programme_id, COALESCE(each.own, 0), each.total
FROM added CROSS JOIN LATERAL (VALUES
    ('activities.sessions', own_sessions, sessions),
    ('activities.attendance', own_offline + own_online, offline + online),
    ('activities.attendance_offline', own_offline, offline),
    ('activities.attendance_online', own_online, online),
    ('activities.children', own_children, children)
) AS each (indicator, own, total)
WHERE each.total <> 0
UNION ALL
SELECT 'activities.active_branches', month, ancestor_id, 0,
    COUNT(DISTINCT branch_id) FILTER (WHERE ancestor_id = branch_id),
    COUNT(DISTINCT branch_id)
FROM counted JOIN lineage USING (branch_id)
WHERE from_month <= month AND until_month > month
GROUP BY month, ancestor_id
UNION ALL
SELECT each.indicator, month, ancestor_id, 0, each.own, each.total
FROM (
SELECT month, ancestor_id,
    COUNT(*) FILTER (WHERE ancestor_id = branch_id) AS own, COUNT(*) AS total,
    COUNT(*) FILTER (WHERE ancestor_id = branch_id AND level = 'village') AS own_villages,
    COUNT(*) FILTER (WHERE level = 'village') AS villages
FROM (
    SELECT m::date AS month, b.id AS branch_id, b.level
    FROM generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 month') AS m,
        federation_branch b
    WHERE m <= CURRENT_DATE
        AND (b.founded_on IS NULL OR b.founded_on < m + INTERVAL '1 month')
        AND (b.closed_on IS NULL OR b.closed_on >= m + INTERVAL '1 month - 1 day')
) AS existing JOIN lineage USING (branch_id)
WHERE from_month <= month AND until_month > month
GROUP BY month, ancestor_id
) AS standing CROSS JOIN LATERAL (VALUES
    ('branches.existing', own, total),
    ('branches.villages', own_villages, villages)
) AS each (indicator, own, total)
WHERE each.total <> 0
