module kraite.io/programs/pause

go 1.26.0
