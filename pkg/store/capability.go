package store

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// Capabilities is what the server can do.
type Capabilities struct {
	Version    string // as the server gives it, "8.0.4"
	FerretDB   bool   // FerretDB of any version
	ReplicaSet bool   // a replica set or a sharded cluster: transactions, change streams and retryable writes work
	Sharded    bool

	// AtomicUpdates: an update's filter and its change are one step, and a bulk reports errors by operation.
	// FerretDB before version 2 does neither.
	AtomicUpdates bool
	// Indexes: queries use indexes other than that on _id.
	Indexes bool
	// Validators: collections take a JSON schema.
	Validators bool
	// MaxDocument is the size of the largest document in bytes.
	MaxDocument int
}

// askCapabilities asks the server what it is. It never guesses from an error message.
func askCapabilities(ctx context.Context, client *mongo.Client) (Capabilities, error) {
	admin := client.Database("admin")
	var hello struct {
		SetName           string `bson:"setName"`
		Msg               string `bson:"msg"`
		MaxBSONObjectSize int    `bson:"maxBsonObjectSize"`
	}
	if err := admin.RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		return Capabilities{}, err
	}
	var build struct {
		Version         string   `bson:"version"`
		FerretDBVersion *string  `bson:"ferretdbVersion"` // version 1
		FerretDB        bson.Raw `bson:"ferretdb"`        // version 2
	}
	err := admin.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build)
	var ce mongo.CommandError
	if err != nil && !(errors.As(err, &ce) && (ce.Code == codeUnauthorized || ce.Code == codeCommandNotFound)) {
		return Capabilities{}, err
	}
	c := Capabilities{
		Version:     build.Version,
		FerretDB:    build.FerretDBVersion != nil || build.FerretDB != nil,
		Sharded:     hello.Msg == "isdbgrid",
		MaxDocument: hello.MaxBSONObjectSize,
	}
	v1 := build.FerretDBVersion != nil
	c.ReplicaSet = (hello.SetName != "" || c.Sharded) && !c.FerretDB
	c.AtomicUpdates = !v1
	c.Indexes = !v1
	c.Validators = !c.FerretDB
	return c, nil
}
