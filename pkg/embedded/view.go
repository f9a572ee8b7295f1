package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// View is a part of a collection in an order, which SQLite reads by an index. FerretDB 1.24 scans a collection for every
// filter but one on _id, and sorts in memory; a find without a filter on a view streams the documents in its order.
//
// A view stands under its name once a client has made a collection of that name, for FerretDB learns of collections from
// its clients only: the collection's table gives way to the view, with all that it held. So a client can tell the two apart
// by a document that it puts in the collection as it makes it. A view is read only.
type View struct {
	// Name is the collection that becomes the view; Of is the collection that it shows.
	Name, Of string
	// Field is the top-level field that the view is sorted by, ascending. Documents without it are not in the view.
	Field string
	// Past leaves out documents whose Field, a time, is yet to come.
	Past bool
	// Values, where there are any, are those of Field that are in the view: strings without quotes.
	Values []string
	// First, where it is not 0, leaves out all but so many documents of each value of Field or, where Group names another
	// field, of each pair of their values: those of which the fields of Latest have the greatest values, by the first of
	// these before the next. A view takes as long as what it shows, however much it leaves out.
	First  int
	Group  string
	Latest []string
}

// StoreViews are the parts of collections that package store asks for by these names.
func StoreViews() []View {
	return []View{
		{Name: "pages.next", Of: "pages", Field: "next_at"},
		{Name: "pages.due", Of: "pages", Field: "next_at", Past: true},
		{Name: "pages.open", Of: "pages", Field: "status", Values: []string{"due", "queued"}},
		{Name: "pages.held", Of: "pages", Field: "held", Group: "priority", Latest: []string{"dated_at", "discovered_at"}, First: heldFirst},
		{Name: "pages.rhythm", Of: "pages", Field: "interval"},
		{Name: "pages.lanes", Of: "pages", Field: "held", First: 1},
		{Name: "articles.marked", Of: "articles", Field: "mark"},
	}
}

// heldFirst is half of what a lane's queue holds of one priority by default: a queue is fed when it is less than half full.
const heldFirst = 150

// fieldForm keeps what is put into SQL to names.
var fieldForm = regexp.MustCompile(`^[a-z_]+$`)

// make replaces the collection of the view's name by the view, where there is one and its table is still there, or is the view
// as an earlier version made it.
func (v View) make(ctx context.Context, db *sql.DB) error {
	names := slices.Concat([]string{v.Field}, v.Values, v.Latest)
	if v.Group != "" {
		names = append(names, v.Group)
	}
	for _, name := range names {
		if !fieldForm.MatchString(name) {
			return fmt.Errorf("%q is no name", name)
		}
	}
	var table, of, kind, have string
	err := db.QueryRowContext(ctx, `
		SELECT v.table_name, c.table_name, m.type, m.sql FROM _ferretdb_collections v, _ferretdb_collections c, sqlite_master m
		WHERE v.name = ? AND c.name = ? AND m.name = v.table_name`, v.Name, v.Of).Scan(&table, &of, &kind, &have)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	index, query := v.sql(quote(of))
	create := fmt.Sprintf(`CREATE VIEW %s AS %s`, quote(table), query)
	if have == create {
		return nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	for _, statement := range []string{
		// The name says what is indexed, so that views share an index.
		fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %s ON %s (%s)`, quote(of+"_"+strings.Join(v.sorted(), "_")), quote(of), index),
		`DROP ` + kind + ` ` + quote(table),
		create,
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return tx.Commit()
}

// sorted are the fields that the view's index is by.
func (v View) sorted() []string {
	fields := []string{v.Field}
	if v.Group != "" {
		fields = append(fields, v.Group)
	}
	return append(fields, v.Latest...)
}

// sql is what the index is by, and the view's query, of a table.
func (v View) sql(table string) (index, query string) {
	at := func(field string) string { return `_ferretdb_sjson->>'$.` + field + `'` }
	field := at(v.Field)
	by := []string{field}
	if v.First > 0 {
		var latest []string
		for _, l := range v.Latest {
			latest = append(latest, at(l)+` DESC`)
		}
		if v.Group != "" {
			by = append(by, at(v.Group))
		}
		return strings.Join(append(by, latest...), ", "), firsts(table, by, latest, v.First)
	}
	where := field + ` IS NOT NULL`
	if v.Past {
		// The Julian day of 1970; times are milliseconds. The plus has SQLite search the index: it takes away the type, which
		// what the index holds does not have.
		where = field + ` <= +CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`
	}
	if len(v.Values) > 0 {
		where = field + ` IN ('` + strings.Join(v.Values, `', '`) + `')`
	}
	return field, fmt.Sprintf(`SELECT _ferretdb_sjson FROM %s WHERE %s ORDER BY %s`, table, where, field)
}

// firsts is the query for the first documents of each group. It steps from one group to the next by the index, for SQLite has
// no such step of its own.
func firsts(table string, by, order []string, first int) string {
	// Not IS NOT NULL, which reads all that is NULL first: numbers come next in SQLite's order, and the least is -9e999.
	var with, joined, same []string
	for i, expr := range by {
		name := fmt.Sprintf("g%d", i)
		var keys, above []string // the columns of the groups so far, and the documents that are in them
		for k := range i {
			keys = append(keys, fmt.Sprintf("v%d", k))
			above = append(above, fmt.Sprintf("%s = v%d", by[k], k))
		}
		least := func(above ...string) string {
			return fmt.Sprintf(`(SELECT %[1]s FROM %[2]s WHERE %[3]s ORDER BY %[1]s LIMIT 1)`, expr, table, strings.Join(above, " AND "))
		}
		column := fmt.Sprintf("v%d", i)
		from := ""
		if i > 0 {
			from = fmt.Sprintf(` FROM g%d WHERE v%d IS NOT NULL`, i-1, i-1)
		}
		with = append(with, fmt.Sprintf(`%s(%s) AS (SELECT %s%s UNION ALL SELECT %s FROM %s WHERE %s IS NOT NULL)`,
			name, strings.Join(append(keys, column), ", "),
			strings.Join(append(keys, least(append(above, expr+` >= -9e999`)...)), ", "), from,
			strings.Join(append(keys, least(append(above, expr+` > `+column)...)), ", "), name, column))
		joined, same = []string{name}, append(same, expr+` = `+column)
	}
	last := fmt.Sprintf("v%d", len(by)-1)
	sorted := ""
	if len(order) > 0 {
		sorted = ` ORDER BY ` + strings.Join(order, ", ")
	}
	return fmt.Sprintf(`WITH RECURSIVE %s SELECT _ferretdb_sjson FROM %s CROSS JOIN %s t WHERE %s IS NOT NULL AND t.rowid IN (SELECT rowid FROM %[3]s WHERE %[5]s%[6]s LIMIT %[7]d)`,
		strings.Join(with, ", "), joined[0], table, last, strings.Join(same, " AND "), sorted, first)
}
