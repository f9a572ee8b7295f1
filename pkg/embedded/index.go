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
		if err := s.Tune(ctx); err != nil && ctx.Err() == nil && err.Error() != warned {
			warned = err.Error() // once for each problem: it comes again every second
			s.log.Warn("lookups stay slow", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// Tune gives SQLite what FerretDB 1.24 does not ask it for.
//
// It repairs the index on _id of every collection, which FerretDB's own queries cannot use: it indexes the SQL expression
// _ferretdb_sjson->"_id" and asks for _ferretdb_sjson->'$._id', so that each lookup reads the whole collection. The index is
// made again under its own name, unique as before, with the expression that is asked for; FerretDB knows its indexes by
// name. And it makes the views of StoreConfig.
//
// The store calls it once a second; a program calls it after it has made its collections so as not to wait for that.
// It may be called at any time.
func (s *Store) Tune(ctx context.Context) error {
	s.tuning.Lock()
	defer s.tuning.Unlock()
	files, err := databaseFiles(s.lock.dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		err := tune(ctx, f, s.views)
		if _, gone := os.Stat(f); errors.Is(gone, os.ErrNotExist) {
			continue // the database was dropped meanwhile
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("tune %s: %w", f, err))
		}
	}
	return errors.Join(errs...)
}

func tune(ctx context.Context, file string, views []View) error {
	db, err := openSQLite(file)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := indexIDs(ctx, db); err != nil {
		return fmt.Errorf("index _id: %w", err)
	}
	for _, v := range views {
		if err := v.make(ctx, db); err != nil && !isGone(err) {
			return fmt.Errorf("view %s: %w", v.Name, err)
		}
	}
	return nil
}

func indexIDs(ctx context.Context, db *sql.DB) error {
	indexes, err := unusable(ctx, db)
	if err != nil {
		return err
	}
	for index, table := range indexes {
		if err := remake(ctx, db, index, table); err != nil && !isGone(err) {
			return err
		}
	}
	return nil
}

// remake replaces an index in one transaction, so that _id is unique at every moment.
func remake(ctx context.Context, db *sql.DB, index, table string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after Commit
	if _, err := tx.ExecContext(ctx, "DROP INDEX "+quote(index)); err != nil {
		return err
	}
	create := fmt.Sprintf(`CREATE UNIQUE INDEX %s ON %s (_ferretdb_sjson->'$._id')`, quote(index), quote(table))
	if _, err := tx.ExecContext(ctx, create); err != nil {
		return err
	}
	return tx.Commit()
}

// unusable maps the indexes on _id, as FerretDB makes them, to their tables.
func unusable(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `
		SELECT name, tbl_name FROM sqlite_master
		WHERE type = 'index' AND name = tbl_name || '__id_' AND sql LIKE '%(_ferretdb_sjson->"_id")'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	indexes := make(map[string]string)
	for rows.Next() {
		var index, table string
		if err := rows.Scan(&index, &table); err != nil {
			return nil, err
		}
		indexes[index] = table
	}
	return indexes, rows.Err()
}

// isGone is true where a collection was dropped meanwhile.
func isGone(err error) bool {
	return strings.Contains(err.Error(), "no such index") || strings.Contains(err.Error(), "no such table")
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
// coming back empty; a transaction that takes the write lock at its begin waits for it, one that takes it later fails.
func openSQLite(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?mode=rw&_txlock=immediate&_pragma=busy_timeout(10000)")
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
