package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"
	sqlite "modernc.org/sqlite" // registers the driver "sqlite", which FerretDB uses too
	sqlite3 "modernc.org/sqlite/lib"
)

// watchEvery is how often the store looks for collections without the index. It is short enough that a collection
// has a few thousand documents at most when it gets its index, and a look costs about a millisecond.
const watchEvery = time.Second

// watch indexes the collections that other processes and later calls make.
func (s *Store) watch(ctx context.Context) {
	t := time.NewTicker(watchEvery)
	defer t.Stop()
	var warned string
	for {
		if err := s.IndexIDs(ctx); err != nil && ctx.Err() == nil && err.Error() != warned {
			warned = err.Error() // once for each problem: it comes again every second
			s.log.Warn("lookups by _id stay slow", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// IndexIDs makes the index on _id that FerretDB 1.24 should have made, on every collection that has none: FerretDB
// indexes the SQL expression _ferretdb_sjson->"_id" and asks for _ferretdb_sjson->'$._id', so that each lookup reads
// the whole collection. It is called by the store itself once a second; a program calls it after it has made its
// collections so as not to wait for that. It may be called at any time.
func (s *Store) IndexIDs(ctx context.Context) error {
	files, err := databaseFiles(s.lock.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		if err := indexIDs(ctx, f); err != nil {
			errs = append(errs, fmt.Errorf("index _id in %s: %w", f, err))
		}
	}
	return errors.Join(errs...)
}

func indexIDs(ctx context.Context, file string) error {
	db, err := openSQLite(file)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := unindexed(ctx, db)
	if err != nil {
		return err
	}
	for _, t := range tables {
		q := fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %s ON %s (_ferretdb_sjson->'$._id')`, quote(t+indexSuffix), quote(t))
		if _, err := db.ExecContext(ctx, q); err != nil && !isNoTable(err) {
			return err
		}
	}
	return nil
}

// indexSuffix ends the name of the index on _id of each table.
const indexSuffix = "_khabar_id"

// unindexed lists the collections' tables that lack the index. A file that FerretDB is about to fill has none.
func unindexed(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT table_name FROM _ferretdb_collections
		WHERE table_name || ? NOT IN (SELECT name FROM sqlite_master WHERE type = 'index')`, indexSuffix)
	if isNoTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, rows.Err()
}

// isNoTable is true where a table is not there: not made yet, or dropped meanwhile.
func isNoTable(err error) bool {
	return err != nil && strings.Contains(err.Error(), "no such table")
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// databaseFiles lists the SQLite files that FerretDB keeps in dir.
func databaseFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".sqlite") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

// openSQLite opens an existing file with one connection. mode=rw keeps a database that was dropped meanwhile from
// coming back empty.
func openSQLite(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// checkDatabases reads every file through before FerretDB opens it, so that damage is named at the start and not met
// in the middle of a crawl.
func checkDatabases(ctx context.Context, dir string) error {
	files, err := databaseFiles(dir)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDir, dir, err)
	}
	for _, f := range files {
		problem, err := checkDatabase(ctx, f)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !isDamage(err):
			return fmt.Errorf("%w: %s cannot be opened: %w; change its permissions or name another directory", ErrDir, f, err)
		case err != nil:
			problem = err.Error()
		}
		if problem != "" {
			return fmt.Errorf("%w: %s: %s; restore it from a copy, or move it away to begin anew", ErrCorrupt, f, problem)
		}
	}
	return nil
}

func checkDatabase(ctx context.Context, file string) (problem string, err error) {
	db, err := openSQLite(file)
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&problem); err != nil {
		return "", err
	}
	if problem == "ok" {
		return "", nil
	}
	return problem, nil
}

// isDamage is true for what SQLite says of a file that is not, or no longer, a database.
func isDamage(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	primary := e.Code() & 0xff
	return primary == sqlite3.SQLITE_CORRUPT || primary == sqlite3.SQLITE_NOTADB
}
