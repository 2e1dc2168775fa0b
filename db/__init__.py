"""The ground: tables, migrations, SQL, the embedded server and the demo center. It knows no GraphQL."""
