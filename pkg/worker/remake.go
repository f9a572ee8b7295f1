package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// ErrNotRemade is wrapped by the error that says why a page gives no article by today's rules.
var ErrNotRemade = errors.New("not made anew")

// Remade is what an article would be had its page been read by today's extractor, by the rules of s, its site, and by what is known of
// the site's template. What only the crawl knows, and whose text it is, stays as it is stored. told is what a feed or sitemap says
// of it. Where nothing changed, and the page is the one that the article was read from, the same comes of it.
func (w *Worker) Remade(ctx context.Context, s *site.Site, was article.Article, told *article.Told, page extract.Page) (article.Article, error) {
	var got extract.Result
	err := protect(func() { got = extract.Extract(page, optionsFor(s, told, was.Archived.At)) })
	if err == nil && got.Outcome != extract.OutcomeArticle {
		err = fmt.Errorf("%s %s", got.Outcome, got.Reason)
	}
	if err != nil {
		return was, fmt.Errorf("%s: %w: %w", was.URL, ErrNotRemade, err)
	}
	now := got.Article
	extract.Complete(&now, told)
	now.Site = was.Site
	if now.Country == "" {
		now.Country = s.Country
	}
	if err := w.learned.tidy(ctx, &now); err != nil {
		return was, err
	}
	now.Extractor.Rules = s.Rules()
	return renewed(was, now), nil
}

// renewed is an article with all that extraction says of it as it is now.
func renewed(was, now article.Article) article.Article {
	for _, flag := range []string{article.FlagDroppedField, article.FlagWrongCanonical} { // which the store found
		if slices.Contains(was.Quality.Flags, flag) && !slices.Contains(now.Quality.Flags, flag) {
			now.Quality.Flags = append(slices.Clip(now.Quality.Flags), flag)
		}
	}
	out := was
	out.Kind, out.Country, out.Language = now.Kind, now.Country, now.Language
	out.Title, out.Subtitle, out.Text, out.Paragraphs = now.Title, now.Subtitle, now.Text, now.Paragraphs
	out.Authors, out.Agency, out.Dateline = now.Authors, now.Agency, now.Dateline
	out.PublishedAt, out.Published, out.ModifiedAt, out.Modified = now.PublishedAt, now.Published, now.ModifiedAt, now.Modified
	out.Images, out.Tags, out.Category = now.Images, now.Tags, now.Category
	out.WordCount, out.ContentHash, out.Quality, out.Extractor = now.WordCount, now.ContentHash, now.Quality, now.Extractor
	return out
}
