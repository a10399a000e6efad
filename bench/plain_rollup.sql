-- The whole history in plain SQL, as a developer would write it who needs no marks, no
-- locks and no registry: one scan grouped by month, branch and programme, unpivoted,
-- joined with each branch's ancestors in the tree of the month, and added up. It fills
-- tables of the same shape, with the same keys and indexes.
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
), own (indicator, month, branch_id, programme_id, value) AS (
    SELECT 'activities.sessions', month, branch_id, programme_id, sessions FROM counted
    UNION ALL
    SELECT 'activities.attendance', month, branch_id, programme_id, offline + online
    FROM counted
    UNION ALL
    SELECT 'activities.attendance_offline', month, branch_id, programme_id, offline
    FROM counted
    UNION ALL
    SELECT 'activities.attendance_online', month, branch_id, programme_id, online
    FROM counted
    UNION ALL
    SELECT 'activities.children', month, branch_id, programme_id, children FROM counted
    UNION ALL
    SELECT 'branches.existing', m::date, b.id, 0, 1
    FROM generate_series(%(first)s::date, %(last)s::date, INTERVAL '1 month') AS m,
        federation_branch b
    WHERE m <= CURRENT_DATE
        AND (b.founded_on IS NULL OR b.founded_on < m + INTERVAL '1 month')
        AND (b.closed_on IS NULL OR b.closed_on >= m + INTERVAL '1 month - 1 day')
), keys AS (
    INSERT INTO plain_keys (indicator, month, branch_id, programme_id, key)
    SELECT 'activities.active_branches', month, branch_id, programme_id, branch_id
    FROM counted
)
INSERT INTO plain_rollup (indicator, month, branch_id, programme_id, own, total)
SELECT indicator, month, ancestor_id, programme_id,
    COALESCE(SUM(value) FILTER (WHERE l.ancestor_id = l.branch_id), 0), SUM(value)
FROM own JOIN lineage l USING (branch_id)
WHERE l.from_month <= month AND l.until_month > month AND value <> 0
GROUP BY indicator, month, ancestor_id, programme_id
UNION ALL
SELECT 'activities.active_branches', month, ancestor_id, 0,
    COUNT(DISTINCT branch_id) FILTER (WHERE l.ancestor_id = l.branch_id),
    COUNT(DISTINCT branch_id)
FROM counted JOIN lineage l USING (branch_id)
WHERE l.from_month <= month AND l.until_month > month
GROUP BY month, ancestor_id
