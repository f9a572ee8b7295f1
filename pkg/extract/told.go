package extract

import (
	"slices"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Complete fills what a page does not say of its article with what the feed or sitemap says that it was found in, and takes
// back the doubts that are settled by it. Nothing that the page says is touched.
func Complete(a *article.Article, told *article.Told) {
	if told.IsEmpty() {
		return
	}
	if a.PublishedAt == nil && told.PublishedAt != nil {
		at := told.PublishedAt.UTC()
		a.PublishedAt, a.Published = &at, &article.Provenance{Source: told.By, Precision: article.PrecisionSecond}
		if told.Day {
			a.Published.Precision = article.PrecisionDay
		}
		settle(a, FlagNoDate)
	}
	if a.Title == "" && told.Title != "" {
		a.Title = told.Title
		a.ContentHash = article.HashContent(a.Title, a.Subtitle, a.Text)
		settle(a, FlagNoTitle)
	}
	if a.Category == "" {
		a.Category = told.Category
	}
	if len(a.Tags) == 0 {
		a.Tags = slices.Clone(told.Keywords)
	}
	if told.Access != "" && !slices.Contains(a.Quality.Flags, FlagPaywalled) {
		a.Quality.Flags = append(a.Quality.Flags, FlagPaywalled)
		a.Quality.Score = penalised(a.Quality.Score, FlagPaywalled)
	}
}

// settle takes a flag back, and what it took from the score.
func settle(a *article.Article, flag string) {
	i := slices.Index(a.Quality.Flags, flag)
	if i < 0 {
		return
	}
	a.Quality.Flags = slices.Delete(slices.Clone(a.Quality.Flags), i, i+1)
	a.Quality.Score = min(float64(int(a.Quality.Score/(1-penalties[flag])*1000+0.5))/1000, 1)
}
