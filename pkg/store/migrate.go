package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/zap"
)

// The schema is made by those who are to make it, as the scheduler and khabar migrate, in steps that several processes may
// do at once. The database records its version in the document {_id: "schema"} of the collection meta, after collections
// and validators and before indexes, which may take hours and without which everything is only slow. It goes forward only:
// what a newer version made is left alone.

// The errors of making the schema.
var (
	// ErrNoSchema: the database does not have this version's schema yet.
	ErrNoSchema = errors.New("schema missing")
	// ErrBuilding: an index is being built, and what was asked for waits for that.
	ErrBuilding = errors.New("index build in progress")
	// ErrIndex: the server does not build an index. Everything works without it, slowly.
	ErrIndex = errors.New("index not built")
)

// StepKind is what a step of a migration does.
type StepKind string

// The kinds of steps.
const (
	StepCollection StepKind = "make collection"
	StepValidator  StepKind = "set validator"
	StepVersion    StepKind = "record version"
	StepIndexes    StepKind = "build indexes"
)

// Step is one change that brings the database to this version's schema. It may be done again, and by several at once.
type Step struct {
	Kind       StepKind
	Collection string
	Indexes    []string // names, of StepIndexes
}

// String says what the step does, as people are shown it.
func (s Step) String() string {
	switch s.Kind {
	case StepIndexes:
		return fmt.Sprintf("%s of %s: %s", s.Kind, s.Collection, strings.Join(s.Indexes, ", "))
	case StepVersion:
		return fmt.Sprintf("%s %d", s.Kind, SchemaVersion)
	}
	return fmt.Sprintf("%s %s", s.Kind, s.Collection)
}

// Plan is what a database lacks of this version's schema.
type Plan struct {
	Version int    // of the database's schema; 0 where none is recorded
	Steps   []Step // in the order in which they are to be done; none where it is newer
	// Later is how many of the last steps crawling need not wait for.
	Later int
}

// IsNewer is true for a database that a newer version of khabar made.
func (p Plan) IsNewer() bool { return p.Version > SchemaVersion }

// Plan says what the database lacks. It only reads.
func (s *Store) Plan(ctx context.Context) (Plan, error) {
	p, err := s.plan(ctx)
	return p, wrap("look at the schema of database "+s.Database(), err)
}

func (s *Store) plan(ctx context.Context) (p Plan, err error) {
	if p.Version, err = s.version(ctx); err != nil || p.IsNewer() {
		return p, err
	}
	specs, err := s.db.ListCollectionSpecifications(ctx, bson.D{})
	if err != nil {
		return p, err
	}
	options := make(map[string]bson.Raw, len(specs))
	for _, spec := range specs {
		options[spec.Name] = spec.Options
	}
	var now, later []Step
	for _, c := range collections() {
		o, there := options[c.name]
		switch {
		case !there:
			p.Steps = append(p.Steps, Step{Kind: StepCollection, Collection: c.name})
		case s.caps.Validators && !hasValidator(o, c):
			p.Steps = append(p.Steps, Step{Kind: StepValidator, Collection: c.name})
		}
		missing, building, err := s.lacking(ctx, c)
		if err != nil {
			return p, err
		}
		step := Step{Kind: StepIndexes, Collection: c.name, Indexes: append(names(missing), names(building)...)}
		switch {
		case len(step.Indexes) == 0:
		case c.awaited:
			now = append(now, step)
		default:
			later = append(later, step)
		}
	}
	if p.Version < SchemaVersion {
		p.Steps = append(p.Steps, Step{Kind: StepVersion, Collection: s.meta.Name()})
	}
	p.Steps = slices.Concat(p.Steps, now, later)
	p.Later = len(later)
	return p, nil
}

// version is that of the database's schema, or 0.
func (s *Store) version(ctx context.Context) (int, error) {
	raw, err := s.meta.FindOne(ctx, bson.D{{Key: "_id", Value: "schema"}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	version, ok := raw.Lookup("version").AsInt64OK()
	if !ok {
		return 0, &UnreadableError{Collection: s.meta.Name(), ID: "schema", Why: "field version is no number: remove the document, " +
			"unless a newer khabar wrote it, and khabar migrate writes it anew"}
	}
	return int(version), nil
}

// HasSchema says whether the database has this version's schema, or a newer one. The error wraps ErrNoSchema where it has
// none, or an older one.
func (s *Store) HasSchema(ctx context.Context) error {
	version, err := s.version(ctx)
	switch {
	case err != nil:
		return wrap("look at the schema of database "+s.Database(), err)
	case version == 0:
		return fmt.Errorf("database %s: %w", s.Database(), ErrNoSchema)
	case version < SchemaVersion:
		return fmt.Errorf("database %s: %w: its version is %d, and %d is needed", s.Database(), ErrNoSchema, version, SchemaVersion)
	}
	return nil
}

// IsEmpty is true for a database that holds nothing of khabar's, of any version. It reads a few documents, which every
// user who may read may do.
func (s *Store) IsEmpty(ctx context.Context) (bool, error) {
	for _, c := range []*mongo.Collection{s.meta, s.pages, s.articles} {
		_, err := c.FindOne(ctx, bson.D{}, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return false, wrap("look into database "+s.Database(), err)
		}
	}
	return true, nil
}

// Migrate does the steps one after the other. Index builds take as long as ctx lets them. The error, of the first step that
// is not done, wraps ErrBuilding where it is to be done again later, or ErrIndex where the server will not.
func (s *Store) Migrate(ctx context.Context, steps ...Step) error {
	all := collections()
	for _, step := range steps {
		c := slices.IndexFunc(all, func(c collection) bool { return c.name == step.Collection })
		var err error
		switch {
		case step.Kind == StepVersion:
			err = s.recordVersion(ctx)
		case c < 0:
			err = fmt.Errorf("%w: no collection of khabar's", ErrNotFound)
		case step.Kind == StepCollection:
			err = s.makeCollection(ctx, all[c])
		case step.Kind == StepValidator:
			err = s.setValidator(ctx, all[c])
		case step.Kind == StepIndexes:
			err = s.buildIndexes(ctx, all[c])
		}
		if err != nil {
			return wrap(step.String(), err)
		}
	}
	return nil
}

// makeCollection makes the collection with its validator, where the server has such.
func (s *Store) makeCollection(ctx context.Context, c collection) error {
	opts := options.CreateCollection()
	if s.caps.Validators {
		opts.SetValidator(c.validator()).SetValidationLevel(validationLevel)
	}
	err := s.db.CreateCollection(ctx, c.name, opts)
	switch {
	case s.caps.Validators && isUnsupported(err):
		s.log.Warn("the server takes no validators: it stores whatever it is sent", zap.String("collection", c.name), zap.Error(err))
		err = s.db.CreateCollection(ctx, c.name)
	case s.caps.Validators && hasCode(err, codeNamespaceExists):
		return s.setValidator(ctx, c) // somebody else was quicker, perhaps without one
	}
	if hasCode(err, codeNamespaceExists) || isMadeAlready(err) {
		return nil
	}
	return err
}

// isMadeAlready is true where FerretDB 1.x says by SQLite's own words that somebody else was quicker.
func isMadeAlready(err error) bool {
	var se mongo.ServerError
	return errors.As(err, &se) && se.HasErrorCodeWithMessage(codeInternalError, "already exists")
}

func (s *Store) setValidator(ctx context.Context, c collection) error {
	err := s.db.RunCommand(ctx, bson.D{
		{Key: "collMod", Value: c.name},
		{Key: "validator", Value: c.validator()},
		{Key: "validationLevel", Value: validationLevel},
	}).Err()
	switch {
	case isUnsupported(err):
		s.log.Warn("the server takes no validators: it stores whatever it is sent", zap.String("collection", c.name), zap.Error(err))
		return nil
	case isBuilding(err):
		return because(ErrBuilding, "", err)
	case hasCode(err, codeUnauthorized):
		return fmt.Errorf("let a user who has the role dbAdmin run khabar migrate, for this one may not run collMod: %w", err)
	}
	return err
}

// hasValidator is true for the options of a collection that has its validator.
func hasValidator(options bson.Raw, c collection) bool {
	want, err := bson.Marshal(c.validator())
	if err != nil {
		return false
	}
	has, _ := options.Lookup("validator").DocumentOK()
	level, _ := options.Lookup("validationLevel").StringValueOK()
	return bytes.Equal(has, want) && level == validationLevel
}

// recordVersion never goes backwards: where the version is this one or a newer one, the upsert meets it.
func (s *Store) recordVersion(ctx context.Context) error {
	_, err := s.meta.UpdateOne(ctx,
		bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: bson.D{{Key: "$lt", Value: SchemaVersion}}}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "version", Value: SchemaVersion}, {Key: "at", Value: millis(time.Now())}}}},
		options.UpdateOne().SetUpsert(true))
	if isDuplicateID(err) {
		return nil
	}
	return err
}

// buildIndexes builds what the collection lacks, all in one go, for each go reads the whole collection. Where an index is in
// the way of one of them, the others are built.
func (s *Store) buildIndexes(ctx context.Context, c collection) error {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	missing, building, err := s.lacking(ctx, c)
	if err != nil {
		return err
	}
	err = s.createIndexes(ctx, c, missing)
	if errors.Is(err, ErrIndex) && len(missing) > 1 {
		err = nil
		for _, i := range missing {
			err = errors.Join(err, s.createIndexes(ctx, c, []index{i}))
		}
	}
	if err == nil && len(building) > 0 {
		err = fmt.Errorf("%w: somebody else builds %s", ErrBuilding, strings.Join(names(building), ", "))
	}
	return err
}

func (s *Store) createIndexes(ctx context.Context, c collection, missing []index) error {
	if len(missing) == 0 {
		return nil
	}
	var specs bson.A
	for _, i := range missing {
		specs = append(specs, i.options())
	}
	err := s.db.RunCommand(ctx, bson.D{{Key: "createIndexes", Value: c.name}, {Key: "indexes", Value: specs}}).Err()
	switch {
	case err == nil:
		return nil
	case isBuilding(err):
		return because(ErrBuilding, "", err)
	case hasCode(err, codeIndexOptionsConflict), hasCode(err, codeIndexKeySpecsConflict):
		return because(ErrIndex, missing[0].name()+": an index of the same name or keys but other options is there; drop it, and run khabar migrate", err)
	case isAuth(err), isServers(err) && !isBroken(err):
		return because(ErrIndex, "", err)
	}
	return err
}

// because is an error of a kind of its own, with what the server says as text: of the server's kinds it is none.
func because(kind error, what string, err error) error {
	return fmt.Errorf("%w: %s", kind, strings.TrimPrefix(what+": "+shown(err.Error(), maxErrorText), ": "))
}

func names(indexes []index) []string {
	var all []string
	for _, i := range indexes {
		all = append(all, i.name())
	}
	return all
}

// lacking lists the indexes that a collection does not have, and those that are being built.
func (s *Store) lacking(ctx context.Context, c collection) (missing, building []index, err error) {
	wanted := c.indexes
	if !s.caps.Indexes {
		wanted = slices.DeleteFunc(slices.Clone(wanted), func(i index) bool { return !i.unique })
	}
	if len(wanted) == 0 {
		return nil, nil, nil
	}
	listed, err := s.listIndexes(ctx, c)
	if hasCode(err, codeNamespaceNotFound) {
		return wanted, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, i := range wanted {
		at := slices.IndexFunc(listed, i.is)
		if at < 0 {
			missing = append(missing, i)
		} else if !listed[at].Lookup("buildUUID").IsZero() {
			building = append(building, i)
		}
	}
	return missing, building, nil
}

// listIndexes asks for those that are being built to be marked, which MongoDB does since version 4.2: otherwise they are
// listed as if they were there.
func (s *Store) listIndexes(ctx context.Context, c collection) (listed []bson.Raw, err error) {
	list := bson.D{{Key: "listIndexes", Value: c.name}}
	cur, err := s.db.RunCommandCursor(ctx, append(slices.Clip(list), bson.E{Key: "includeBuildUUIDs", Value: true}))
	if isServers(err) && !isBroken(err) && !hasCode(err, codeNamespaceNotFound) {
		cur, err = s.db.RunCommandCursor(ctx, list)
	}
	if err != nil {
		return nil, err
	}
	return listed, cur.All(ctx, &listed)
}

// is true for a listed index that does what i is for, whatever its name. One that is being built is listed in the field
// spec.
func (i index) is(listed bson.Raw) bool {
	if spec, ok := listed.Lookup("spec").DocumentOK(); ok {
		listed = spec
	}
	if unique, _ := listed.Lookup("unique").BooleanOK(); unique != i.unique {
		return false
	}
	for _, option := range []string{"sparse", "hidden", "collation"} {
		if v := listed.Lookup(option); !v.IsZero() && v.String() != "false" {
			return false
		}
	}
	var has struct {
		Keys  bson.D `bson:"key"`
		Where bson.D `bson:"partialFilterExpression"`
	}
	if err := bson.Unmarshal(listed, &has); err != nil {
		return false
	}
	want := i.options()
	where, _ := lookup(want, "partialFilterExpression").(bson.D)
	return sameValues(has.Keys, i.keys) && sameValues(has.Where, where)
}

// sameValues compares documents by what they print: a server may give a number back as one of another type.
func sameValues(a, b bson.D) bool {
	return slices.EqualFunc(a, b, func(a, b bson.E) bool {
		x, isDoc := a.Value.(bson.D)
		y, areDocs := b.Value.(bson.D)
		if isDoc && areDocs {
			return a.Key == b.Key && sameValues(x, y)
		}
		return a.Key == b.Key && fmt.Sprint(a.Value) == fmt.Sprint(b.Value)
	})
}

// isServers is true for what the server answered.
func isServers(err error) bool {
	var se mongo.ServerError
	return errors.As(err, &se)
}

// hasCode is true for an error of the server with that code.
func hasCode(err error, code int) bool {
	var se mongo.ServerError
	return errors.As(err, &se) && se.HasErrorCode(code)
}

// isBuilding is true where an index build stands in the way, or one that was under way was broken off: what is there is to
// be looked at again.
func isBuilding(err error) bool {
	return slices.ContainsFunc([]int{
		codeConflictingOperation, codeIndexBuildAborted, codeIndexBuildInProgress, codeBackgroundOperation,
	}, func(code int) bool { return hasCode(err, code) })
}

// isUnsupported is true where the server, which is not quite MongoDB, does not know the command or its options.
func isUnsupported(err error) bool {
	return hasCode(err, codeCommandNotFound) || hasCode(err, codeCommandNotSupported)
}
