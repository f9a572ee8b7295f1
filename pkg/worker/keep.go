package worker

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Archive keeps answers; *archive.Writer is one.
type Archive interface {
	Pack(c archive.Capture) (archive.Record, error)
	Append(ctx context.Context, r archive.Record) (archive.Place, error)
	Forget(pages ...string) error
}

// pack makes ready what is to be kept of an answer, while its body is there: what waits for the disk and the store is compressed,
// a tenth of that. An answer that no record can be made of is told, and its article is worth more.
func (w *Worker) pack(v *verdict, res fetch.Response) {
	if w.Archive == nil || res.Outcome != outcome.OK || v.article == nil && w.cfg.Keep != archive.KeepAll || v.page.Outcome == outcome.Crash {
		return
	}
	c := archive.Capture{URL: res.URL, At: time.Now().UTC(), Status: res.Status, Header: res.Header, Request: res.Asked, Body: res.Body}
	if v.page.FetchedAt != nil {
		c.At = *v.page.FetchedAt
	}
	if before := v.page.Archived; before != nil {
		place := archive.Place(*before)
		c.Before = &place
	}
	var packed archive.Record
	var err error
	if panicked := protect(func() { packed, err = w.Archive.Pack(c) }); panicked != nil {
		err = panicked
	}
	if err != nil {
		w.Log.Error("an answer is not kept", zap.String("page", v.page.ID), zap.String("url", v.page.URL), zap.Error(err))
		return
	}
	v.packed = &packed
}

// keep writes the answer, once, before anything that was read from it is stored, and notes where.
func (w *Worker) keep(ctx context.Context, r *recording) error {
	if r.packed == nil {
		return nil
	}
	place, err := w.Archive.Append(ctx, *r.packed)
	if err != nil {
		return err
	}
	kept := article.Archived(place)
	r.packed, r.kept, r.page.Archived = nil, true, &kept
	if r.article != nil {
		a := *r.article
		a.Archived = &kept
		r.article = &a
	}
	return nil
}

// forget takes the answer out of the archive's index where its article turned out to be one that was erased.
func (w *Worker) forget(r *recording, out store.EffectResult) error {
	if !r.kept || out.Article != store.ArticleErased {
		return nil
	}
	return w.Archive.Forget(r.page.ID, weburl.ID(r.address))
}
