package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
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
}

// PageViews are the parts of the collection pages that package store asks for by these names.
func PageViews() []View {
	return []View{
		{Name: "pages.next", Of: "pages", Field: "next_at"},
		{Name: "pages.due", Of: "pages", Field: "next_at", Past: true},
		{Name: "pages.open", Of: "pages", Field: "status", Values: []string{"due", "queued"}},
		{Name: "pages.held", Of: "pages", Field: "held"},
	}
}

// fieldForm keeps what is put into SQL to names.
var fieldForm = regexp.MustCompile(`^[a-z_]+$`)

// make replaces the collection of the view's name by the view, where there is one and its table is still there.
func (v View) make(ctx context.Context, db *sql.DB) error {
	for _, name := range append([]string{v.Field}, v.Values...) {
		if !fieldForm.MatchString(name) {
			return fmt.Errorf("%q is no name", name)
		}
	}
	var table, of string
	err := db.QueryRowContext(ctx, `
		SELECT v.table_name, c.table_name FROM _ferretdb_collections v, _ferretdb_collections c, sqlite_master m
		WHERE v.name = ? AND c.name = ? AND m.name = v.table_name AND m.type = 'table'`, v.Name, v.Of).Scan(&table, &of)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	field := `_ferretdb_sjson->>'$.` + v.Field + `'`
	where := field + ` IS NOT NULL`
	if v.Past {
		where = field + ` <= CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)` // the Julian day of 1970; times are milliseconds
	}
	if len(v.Values) > 0 {
		where = field + ` IN ('` + strings.Join(v.Values, `', '`) + `')`
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	for _, statement := range []string{
		fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %s ON %s (%s)`, quote(of+"_"+v.Field), quote(of), field),
		`DROP TABLE ` + quote(table),
		fmt.Sprintf(`CREATE VIEW %s AS SELECT _ferretdb_sjson FROM %s WHERE %s ORDER BY %s`, quote(table), quote(of), where, field),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return tx.Commit()
}
